module allot.test/client

go 1.24
