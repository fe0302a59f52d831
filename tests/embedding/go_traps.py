"""Under Go, with its own handlers of signals and its moving goroutines: a
hundred thousand traps leave nothing behind, and Go's own faults stay its."""
from hosts import *

MODULE = """(module
  (memory 1)
  (func (export "trap") (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0))
      (then unreachable)
      (else (i32.load (local.get 0))))))"""

HOST = """package main

/*
#cgo CFLAGS: -I${SRCDIR}
#cgo LDFLAGS: ${SRCDIR}/app.o
#include "app.h"
*/
import "C"
import (
	"fmt"
	"os"
	"runtime"
)

const traps = 100000

func resident() (pages int) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		panic(err)
	}
	var total int
	fmt.Sscan(string(text), &total, &pages)
	return
}

func work(done chan bool, count int) {
	var instance *C.wm_instance
	if C.wm_instance_create(&C.app_module, nil, &instance, nil) != C.WM_OK {
		panic("create")
	}
	var result C.int32_t
	for i := 0; i < count; i++ {
		address := C.int32_t(0)
		if i%2 == 0 {
			address = 65536
		}
		if C.app_trap(instance, address, &result) != C.WM_TRAPPED {
			panic("no trap")
		}
		if i%100 == 0 {
			runtime.Gosched()
		}
	}
	if C.app_trap(instance, 8, &result) != C.WM_OK {
		panic("a trap")
	}
	C.wm_instance_destroy(instance)
	done <- true
}

func all(count int) {
	done := make(chan bool)
	for i := 0; i < 4; i++ {
		go work(done, count/4)
	}
	for i := 0; i < 4; i++ {
		<-done
	}
}

func ownFault() (message string) {
	defer func() { message = fmt.Sprint(recover()) }()
	var pointer *int
	return fmt.Sprint(*pointer)
}

func main() {
	all(traps / 10)
	before := resident()
	all(traps)
	if after := resident(); after > before+1024 {
		panic(fmt.Sprint(after-before, " pages more"))
	}
	fmt.Println(ownFault())
	var instance *C.wm_instance
	C.wm_instance_create(&C.app_module, nil, &instance, nil)
	fmt.Println(ownFault())
}
"""

folder = fresh_folder("gohost")
(folder / "host.go").write_text(HOST)
(folder / "go.mod").write_text("module host\ngo 1.19\n")
compile_to("gohost/app.o", MODULE, "--name", "app", "--header",
           folder / "app.h")
env = {**os.environ, "GOCACHE": str(SANDBOX / "cache"), "HOME": str(SANDBOX),
       "CGO_LDFLAGS_ALLOW": r".*\.o", "CPATH": str(INCLUDE)}
must("/usr/bin/go", "build", "-o", SANDBOX / "host", ".", cwd=folder, env=env)
message = "runtime error: invalid memory address or nil pointer dereference\n"
expect(must("./host").decode(), message * 2, "traps under Go")
