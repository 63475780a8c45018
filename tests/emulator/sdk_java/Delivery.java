import com.alicloud.openservices.tablestore.SyncClient;
import com.alicloud.openservices.tablestore.TableStoreException;
import com.alicloud.openservices.tablestore.model.delivery.*;

/** Creates, describes, lists and deletes a delivery task of the table "orders". */
public class Delivery {
    public static void main(String[] args) {
        SyncClient client = new SyncClient(args[0], "local", "local-secret", "local");
        try {
            OSSTaskConfig config = new OSSTaskConfig();
            config.setOssPrefix("orders/year=$yyyy/");
            config.setOssBucket("my-lake");
            config.setOssEndpoint("oss-cn-hangzhou.aliyuncs.com");
            config.setOssStsRole("acs:ram::1:role/r");
            config.setEventTimeColumn(new EventColumn("at", EventTimeFormat.RFC3339));
            config.addParquetSchema(new ParquetSchema("id", "order_id", DataType.UTF8));
            CreateDeliveryTaskRequest create =
                    new CreateDeliveryTaskRequest("orders", "java-task", config);
            create.setTaskType(DeliveryTaskType.BASE_INC);
            client.createDeliveryTask(create);

            DescribeDeliveryTaskRequest describe =
                    new DescribeDeliveryTaskRequest("orders", "java-task");
            DescribeDeliveryTaskResponse found = client.describeDeliveryTask(describe);
            System.out.println(found.getTaskType() + " " + found.getTaskConfig().getOssPrefix()
                    + " " + found.getTaskConfig().getParquetSchemaList().get(0).getOssColumnName()
                    + " " + found.getTaskConfig().getEventTimeColumn().getEventTimeFormat()
                    + " " + found.getTaskSyncStat().getErrorType());

            ListDeliveryTaskRequest list = new ListDeliveryTaskRequest("orders");
            for (DeliveryTaskInfo task : client.listDeliveryTask(list).getTaskInfos()) {
                System.out.println(task.getTableName() + "/" + task.getTaskName());
            }

            client.deleteDeliveryTask(new DeleteDeliveryTaskRequest("orders", "java-task"));
            try {
                client.describeDeliveryTask(describe);
            } catch (TableStoreException error) {
                System.out.println(error.getHttpStatus() + " " + error.getErrorCode());
            }
        } finally {
            client.shutdown();
        }
    }
}
