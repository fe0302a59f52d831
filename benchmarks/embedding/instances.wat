;; 1 MiB of memory, a table and some data: a small library.
(module
  (memory (export "memory") 16)
  (table 16 funcref)
  (elem (i32.const 0) $add)
  (data (i32.const 1024) "some text that a library brings along")
  (func $add (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1))))
