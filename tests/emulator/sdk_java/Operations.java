import com.alicloud.openservices.tablestore.SyncClient;
import com.alicloud.openservices.tablestore.model.*;
import com.alicloud.openservices.tablestore.model.search.ListSearchIndexRequest;

/** Tries each operation on tables and rows that the emulator offers; prints a line for each. */
public class Operations {
    private static final String TABLE = "java_operations";
    private static SyncClient client;

    public static void main(String[] args) {
        client = new SyncClient(args[0], "local", "local-secret", "local");
        try {
            TableMeta meta = new TableMeta(TABLE);
            meta.addPrimaryKeyColumn("id", PrimaryKeyType.STRING);
            client.createTable(new CreateTableRequest(meta, new TableOptions(-1, 1)));
            show("CreateTable");
            show("ListTable " + client.listTable().getTableNames().contains(TABLE));
            show("DescribeTable "
                    + options(client.describeTable(new DescribeTableRequest(TABLE)).getTableOptions()));
            UpdateTableRequest update = new UpdateTableRequest(TABLE);
            update.setTableOptionsForUpdate(new TableOptions(86400, 2));
            show("UpdateTable " + options(client.updateTable(update).getTableOptions()));

            client.putRow(new PutRowRequest(put("a", 1)));
            show("PutRow");
            show("GetRow " + number("a"));
            RowUpdateChange change = new RowUpdateChange(TABLE, key("a"));
            change.put("n", ColumnValue.fromLong(2));
            change.setCondition(new Condition(RowExistenceExpectation.EXPECT_EXIST));
            client.updateRow(new UpdateRowRequest(change));
            show("UpdateRow " + number("a"));

            BatchWriteRowRequest write = new BatchWriteRowRequest();
            write.addRowChange(put("b", 3));
            write.addRowChange(put("c", 3));
            show("BatchWriteRow " + client.batchWriteRow(write).getSucceedRows().size());

            MultiRowQueryCriteria many = new MultiRowQueryCriteria(TABLE);
            many.addRow(key("a"));
            many.addRow(key("b"));
            many.setMaxVersions(1);
            BatchGetRowRequest read = new BatchGetRowRequest();
            read.addMultiRowQueryCriteria(many);
            show("BatchGetRow " + client.batchGetRow(read).getSucceedRows().size());

            RangeRowQueryCriteria range = new RangeRowQueryCriteria(TABLE);
            range.setInclusiveStartPrimaryKey(key(PrimaryKeyValue.INF_MIN));
            range.setExclusiveEndPrimaryKey(key(PrimaryKeyValue.INF_MAX));
            range.setMaxVersions(1);
            show("GetRange " + client.getRange(new GetRangeRequest(range)).getRows().size());

            client.deleteRow(new DeleteRowRequest(new RowDeleteChange(TABLE, key("a"))));
            show("DeleteRow " + number("a"));
            show("ListStream " + client.listStream(new ListStreamRequest(TABLE)).getStreams().size());
            ListSearchIndexRequest indexes = new ListSearchIndexRequest();
            indexes.setTableName(TABLE);
            show("ListSearchIndex " + client.listSearchIndex(indexes).getIndexInfos().size());
            client.deleteTable(new DeleteTableRequest(TABLE));
            show("DeleteTable");
        } finally {
            client.shutdown();
        }
    }

    private static PrimaryKey key(PrimaryKeyValue value) {
        return PrimaryKeyBuilder.createPrimaryKeyBuilder().addPrimaryKeyColumn("id", value).build();
    }

    private static PrimaryKey key(String id) {
        return key(PrimaryKeyValue.fromString(id));
    }

    private static RowPutChange put(String id, long n) {
        RowPutChange change = new RowPutChange(TABLE, key(id));
        change.addColumn("n", ColumnValue.fromLong(n));
        return change;
    }

    /** Returns the column n of a row; 0 where the row does not exist. */
    private static long number(String id) {
        SingleRowQueryCriteria criteria = new SingleRowQueryCriteria(TABLE, key(id));
        criteria.setMaxVersions(1);
        Row row = client.getRow(new GetRowRequest(criteria)).getRow();
        return row == null ? 0 : row.getLatestColumn("n").getValue().asLong();
    }

    private static String options(TableOptions options) {
        return options.getTimeToLive() + " " + options.getMaxVersions();
    }

    private static void show(String line) {
        System.out.println(line);
    }
}
