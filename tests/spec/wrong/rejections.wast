;; For the front end: what is called invalid or malformed is neither, and what
;; is called valid is not.
(assert_invalid (module) "type mismatch")
(assert_malformed (module binary "\00asm\01\00\00\00") "unexpected end")
(assert_malformed (module quote "(func)") "unexpected token")
(module (func (result i32)))
(module binary "\00asm\02\00\00\00")
