// Tries each operation on tables and rows that the emulator offers; prints a line for each.
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/aliyun/aliyun-tablestore-go-sdk/tablestore"
)

const table = "go_operations"

func main() {
	client := tablestore.NewClient(os.Args[1], "local", "local", "local-secret")

	meta := &tablestore.TableMeta{TableName: table}
	meta.AddPrimaryKeyColumn("id", tablestore.PrimaryKeyType_STRING)
	_, err := client.CreateTable(&tablestore.CreateTableRequest{
		TableMeta:          meta,
		TableOption:        &tablestore.TableOption{TimeToAlive: -1, MaxVersion: 1},
		ReservedThroughput: &tablestore.ReservedThroughput{},
	})
	show(err, "CreateTable")

	tables, err := client.ListTable()
	show(err, "ListTable", contains(tables.TableNames, table))

	described, err := client.DescribeTable(&tablestore.DescribeTableRequest{TableName: table})
	show(err, "DescribeTable", described.TableOption.TimeToAlive, described.TableOption.MaxVersion)

	updated, err := client.UpdateTable(&tablestore.UpdateTableRequest{
		TableName:   table,
		TableOption: &tablestore.TableOption{TimeToAlive: 86400, MaxVersion: 2},
	})
	show(err, "UpdateTable", updated.TableOption.TimeToAlive, updated.TableOption.MaxVersion)

	put := &tablestore.PutRowChange{TableName: table, PrimaryKey: key("a")}
	put.AddColumn("n", int64(1))
	put.SetCondition(tablestore.RowExistenceExpectation_IGNORE)
	_, err = client.PutRow(&tablestore.PutRowRequest{PutRowChange: put})
	show(err, "PutRow")
	show(nil, "GetRow", number(client, "a"))

	update := &tablestore.UpdateRowChange{TableName: table, PrimaryKey: key("a")}
	update.PutColumn("n", int64(2))
	update.SetCondition(tablestore.RowExistenceExpectation_EXPECT_EXIST)
	_, err = client.UpdateRow(&tablestore.UpdateRowRequest{UpdateRowChange: update})
	show(err, "UpdateRow", number(client, "a"))

	batch := &tablestore.BatchWriteRowRequest{}
	for _, id := range []string{"b", "c"} {
		change := &tablestore.PutRowChange{TableName: table, PrimaryKey: key(id)}
		change.AddColumn("n", int64(3))
		change.SetCondition(tablestore.RowExistenceExpectation_IGNORE)
		batch.AddRowChange(change)
	}
	written, err := client.BatchWriteRow(batch)
	count := 0
	for _, row := range written.TableToRowsResult[table] {
		if row.IsSucceed {
			count++
		}
	}
	show(err, "BatchWriteRow", count)

	criteria := &tablestore.MultiRowQueryCriteria{TableName: table, MaxVersion: 1}
	criteria.AddRow(key("a"))
	criteria.AddRow(key("b"))
	read, err := client.BatchGetRow(&tablestore.BatchGetRowRequest{
		MultiRowQueryCriteria: []*tablestore.MultiRowQueryCriteria{criteria},
	})
	count = 0
	for _, row := range read.TableToRowsResult[table] {
		if row.IsSucceed && len(row.Columns) == 1 {
			count++
		}
	}
	show(err, "BatchGetRow", count)

	start, end := &tablestore.PrimaryKey{}, &tablestore.PrimaryKey{}
	start.AddPrimaryKeyColumnWithMinValue("id")
	end.AddPrimaryKeyColumnWithMaxValue("id")
	found, err := client.GetRange(&tablestore.GetRangeRequest{
		RangeRowQueryCriteria: &tablestore.RangeRowQueryCriteria{
			TableName: table, StartPrimaryKey: start, EndPrimaryKey: end,
			Direction: tablestore.FORWARD, MaxVersion: 1,
		},
	})
	show(err, "GetRange", len(found.Rows))

	remove := &tablestore.DeleteRowChange{TableName: table, PrimaryKey: key("a")}
	remove.SetCondition(tablestore.RowExistenceExpectation_IGNORE)
	_, err = client.DeleteRow(&tablestore.DeleteRowRequest{DeleteRowChange: remove})
	show(err, "DeleteRow", number(client, "a"))

	name := table
	streams, err := client.ListStream(&tablestore.ListStreamRequest{TableName: &name})
	show(err, "ListStream", len(streams.Streams))

	indexes, err := client.ListSearchIndex(&tablestore.ListSearchIndexRequest{TableName: table})
	show(err, "ListSearchIndex", len(indexes.IndexInfo))

	_, err = client.DeleteTable(&tablestore.DeleteTableRequest{TableName: table})
	show(err, "DeleteTable")
}

func key(id string) *tablestore.PrimaryKey {
	key := &tablestore.PrimaryKey{}
	key.AddPrimaryKeyColumn("id", id)
	return key
}

// number returns the column n of a row; 0 where the row does not exist.
func number(client *tablestore.TableStoreClient, id string) int64 {
	answer, err := client.GetRow(&tablestore.GetRowRequest{
		SingleRowQueryCriteria: &tablestore.SingleRowQueryCriteria{
			TableName: table, PrimaryKey: key(id), MaxVersion: 1,
		},
	})
	check(err)
	if len(answer.Columns) == 0 {
		return 0
	}
	return answer.Columns[0].Value.(int64)
}

func contains(names []string, name string) bool {
	for _, each := range names {
		if each == name {
			return true
		}
	}
	return false
}

func show(err error, line ...any) {
	check(err)
	fmt.Println(line...)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
