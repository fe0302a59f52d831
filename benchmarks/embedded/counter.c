// A plugin of QEMU's: counts instructions, loads and stores between the first
// and the second time that the program comes to an address.
//
//   qemu-... -plugin libcounter.so,at=0x1234,out=FILE
//
// Debian's QEMU 7.2 has no header for plugins; what is used of its interface is
// declared here: https://www.qemu.org/docs/master/devel/tcg-plugins.html
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef struct qemu_info_t qemu_info_t;
typedef uint32_t qemu_plugin_meminfo_t;
enum qemu_plugin_cb_flags { NO_REGISTERS };
enum qemu_plugin_mem_rw { READS = 1, WRITES = 2, BOTH = 3 };
typedef void (*translated_t)(qemu_plugin_id_t, struct qemu_plugin_tb *);
typedef void (*executed_t)(unsigned cpu, void *data);
typedef void (*accessed_t)(unsigned cpu, qemu_plugin_meminfo_t,
                           uint64_t address, void *data);
typedef void (*ended_t)(qemu_plugin_id_t, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, translated_t);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *,
                                            executed_t,
                                            enum qemu_plugin_cb_flags, void *);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *, accessed_t,
                                      enum qemu_plugin_cb_flags,
                                      enum qemu_plugin_mem_rw, void *);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, ended_t, void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *,
                                                 size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t);

int qemu_plugin_version = 1;

static uint64_t mark, instructions, loads, stores;
static int marks; // that were passed
static const char *output;

static void execute(unsigned cpu, void *is_mark) {
  (void)cpu;
  if (is_mark)
    ++marks;
  instructions += marks == 1;
}

static void access(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address,
                   void *data) {
  (void)cpu, (void)address, (void)data;
  if (marks != 1)
    return;
  if (qemu_plugin_mem_is_store(info))
    ++stores;
  else
    ++loads;
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
  (void)id;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); ++i) {
    struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, i);
    void *is_mark = qemu_plugin_insn_vaddr(insn) == mark ? &mark : NULL;
    qemu_plugin_register_vcpu_insn_exec_cb(insn, execute, NO_REGISTERS,
                                           is_mark);
    qemu_plugin_register_vcpu_mem_cb(insn, access, NO_REGISTERS, BOTH, NULL);
  }
}

static void end(qemu_plugin_id_t id, void *data) {
  (void)id, (void)data;
  FILE *file = fopen(output, "w");
  if (!file)
    return;
  fprintf(file, "%d %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", marks, instructions,
          loads, stores);
  fclose(file);
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
                        char **argv) {
  (void)info;
  for (int i = 0; i < argc; ++i)
    if (strncmp(argv[i], "at=", 3) == 0)
      mark = strtoull(argv[i] + 3, NULL, 0);
    else if (strncmp(argv[i], "out=", 4) == 0)
      output = argv[i] + 4;
  if (!mark || !output) {
    fprintf(stderr, "counter: at=ADDRESS and out=FILE are needed\n");
    return 1;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
  qemu_plugin_register_atexit_cb(id, end, NULL);
  return 0;
}
