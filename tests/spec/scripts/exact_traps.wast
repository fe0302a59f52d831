;; An access traps although nothing may need what it loads.

(module
  (memory 1)
  (global $g (mut i32) (i32.const 3))
  (func (export "select")
    (global.set $g
      (select (global.get $g) (i32.load (i32.const 65536)) (global.get $g))))
  (func (export "drop") (drop (i32.load (i32.const 65536)))))

(assert_trap (invoke "select") "out of bounds memory access")
(assert_trap (invoke "drop") "out of bounds memory access")
