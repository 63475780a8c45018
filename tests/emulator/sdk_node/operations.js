// Tries each operation on tables and rows that the emulator offers; prints a line for each.
// The folder that the SDK is installed into is the second argument.
const path = require("path");

const [endpoint, folder] = process.argv.slice(2);
const TableStore = require(path.join(folder, "node_modules", "tablestore"));

const table = "node_operations";
const client = new TableStore.Client({
  endpoint,
  instancename: "local",
  accessKeyId: "local",
  secretAccessKey: "local-secret",
});
const ignore = new TableStore.Condition(TableStore.RowExistenceExpectation.IGNORE, null);
const key = (id) => [{ id }];
const value = (n) => TableStore.Long.fromNumber(n);

// The column n of a row; 0 where the row does not exist.
async function number(id) {
  const answer = await client.getRow({ tableName: table, primaryKey: key(id), maxVersions: 1 });
  const columns = answer.row.attributes;
  return columns ? Number(columns[0].columnValue) : 0;
}

async function main() {
  await client.createTable({
    tableMeta: { tableName: table, primaryKey: [{ name: "id", type: "STRING" }] },
    reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    tableOptions: { timeToLive: -1, maxVersions: 1 },
  });
  console.log("CreateTable");
  const tables = await client.listTable({});
  console.log("ListTable", tables.tableNames.includes(table));
  let options = (await client.describeTable({ tableName: table })).tableOptions;
  console.log("DescribeTable", options.timeToLive, options.maxVersions);
  options = (
    await client.updateTable({
      tableName: table,
      tableOptions: { timeToLive: 86400, maxVersions: 2 },
    })
  ).tableOptions;
  console.log("UpdateTable", options.timeToLive, options.maxVersions);

  await client.putRow({
    tableName: table,
    condition: ignore,
    primaryKey: key("a"),
    attributeColumns: [{ n: value(1) }],
  });
  console.log("PutRow");
  console.log("GetRow", await number("a"));
  await client.updateRow({
    tableName: table,
    condition: new TableStore.Condition(TableStore.RowExistenceExpectation.EXPECT_EXIST, null),
    primaryKey: key("a"),
    updateOfAttributeColumns: [{ PUT: [{ n: value(2) }] }],
  });
  console.log("UpdateRow", await number("a"));

  const written = await client.batchWriteRow({
    tables: [
      {
        tableName: table,
        rows: ["b", "c"].map((id) => ({
          type: "PUT",
          condition: ignore,
          primaryKey: key(id),
          attributeColumns: [{ n: value(3) }],
        })),
      },
    ],
  });
  console.log("BatchWriteRow", written.tables.filter((row) => row.isOk).length);
  const read = await client.batchGetRow({
    tables: [{ tableName: table, primaryKey: [key("a"), key("b")], maxVersions: 1 }],
  });
  console.log("BatchGetRow", read.tables[0].filter((row) => row.isOk).length);
  const found = await client.getRange({
    tableName: table,
    direction: TableStore.Direction.FORWARD,
    maxVersions: 1,
    inclusiveStartPrimaryKey: [{ id: TableStore.INF_MIN }],
    exclusiveEndPrimaryKey: [{ id: TableStore.INF_MAX }],
  });
  console.log("GetRange", found.rows.length);
  await client.deleteRow({ tableName: table, condition: ignore, primaryKey: key("a") });
  console.log("DeleteRow", await number("a"));
  const indexes = await client.listSearchIndex({ tableName: table });
  console.log("ListSearchIndex", indexes.indices.length);
  await client.deleteTable({ tableName: table });
  console.log("DeleteTable");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
