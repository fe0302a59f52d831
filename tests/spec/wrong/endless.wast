;; Never ends: the harness must.
(module (func (export "run") (loop (br 0))))
(invoke "run")
(assert_return (invoke "run"))
