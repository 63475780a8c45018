"""Compare the rows of a table with the rows of the delivered files.

The comparison joins two unsorted sides on disk, so that memory does not grow with the table:

1. `rows` reads the table in key order, a page at a time: all of it, or pages spread over the keys.
2. `columns` and `folders` turn each row into its expected delivery: the value of each declared
   column, the time it was written, and the folder that holds it.
3. `spill` divides these rows by a hash of their key into 256 partitions in one temporary file.
4. `objects` lists the files of the folders that hold those rows, and reads each file once, through
   OSS, in batches. Their rows go into 256 partitions of a second temporary file.
5. `comparison` joins one partition after the other: the table's rows of the partition are in
   memory, and the files' rows are read in the order of delivery. The result has only counts.

So memory holds one batch of each side, 1/256 of the table's declared columns (some 40,000 rows of a
table with 10 million), and the list of the files. Long text is replaced by its beginning and a
digest as soon as it is read. The temporary folder needs about as much space as the declared columns
twice.

The state of the task is read first, then the table, then the list of files. A row that was written
before the task's `synced_until` therefore has its file in the list, even if other rows are written
meanwhile.
"""
