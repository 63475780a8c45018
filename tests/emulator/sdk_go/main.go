// Creates, describes, lists and deletes a delivery task of the table "orders".
package main

import (
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/aliyun/aliyun-tablestore-go-sdk/tablestore"
)

func main() {
	client := tablestore.NewClient(os.Args[1], "local", "local", "local-secret")

	_, err := client.CreateDeliveryTask(&tablestore.CreateDeliveryTaskRequest{
		TableName: "orders",
		TaskName:  "go-task",
		TaskType:  tablestore.BaseIncTask,
		TaskConfig: &tablestore.OSSTaskConfig{
			OssPrefix:       "orders/year=$yyyy/",
			OssBucket:       "my-lake",
			OssEndpoint:     "oss-cn-hangzhou.aliyuncs.com",
			OssRoleName:     "acs:ram::1:role/r",
			EventTimeColumn: &tablestore.EventColumn{ColumnName: "at", TimeFormat: tablestore.EventColumnRFC3339},
			Schema: []*tablestore.TaskSchema{
				{ColumnName: "id", OssColumnName: "order_id", Type: tablestore.ParquetUtf8},
			},
		},
	})
	check(err)

	describe := &tablestore.DescribeDeliveryTaskRequest{TableName: "orders", TaskName: "go-task"}
	found, err := client.DescribeDeliveryTask(describe)
	check(err)
	fmt.Println(found.TaskType, found.TaskConfig.OssPrefix, found.TaskConfig.Schema[0].OssColumnName,
		found.TaskConfig.EventTimeColumn.TimeFormat, found.TaskSyncStat.ErrorCode)

	list, err := client.ListDeliveryTask(&tablestore.ListDeliveryTaskRequest{TableName: "orders"})
	check(err)
	for _, task := range list.Tasks {
		fmt.Printf("%s/%s\n", task.TableName, task.TaskName)
	}

	_, err = client.DeleteDeliveryTask(&tablestore.DeleteDeliveryTaskRequest{TableName: "orders", TaskName: "go-task"})
	check(err)

	_, err = client.DescribeDeliveryTask(describe)
	var refused *tablestore.OtsError
	if errors.As(err, &refused) {
		fmt.Println(refused.HttpStatusCode, refused.Code)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
