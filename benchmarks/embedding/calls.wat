(module
  (import "host" "add" (func $add (param i32 i32) (result i32)))
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1)))
  (func (export "trap") unreachable)
  ;; Calls the host as often as it says; the sum depends on each call.
  (func (export "callbacks") (param $count i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (call $add (local.get $sum) (i32.const 1)))
      (br_if $again (local.tee $count
        (i32.sub (local.get $count) (i32.const 1)))))
    (local.get $sum)))
