// A plugin of QEMU's: each time that the program comes to one of some
// addresses, it writes a line with that address and how many instructions,
// loads and stores there have been before.
//
//   qemu-... -plugin libcounter.so,at=0x1234,at=0x5678,out=FILE
//
// Debian's QEMU 7.2 has no header for plugins; what is used of its interface is
// declared here: https://www.qemu.org/docs/master/devel/tcg-plugins.html
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef struct qemu_info_t qemu_info_t;
enum qemu_plugin_cb_flags { NO_REGISTERS };
enum qemu_plugin_mem_rw { READS = 1, WRITES = 2 };
enum qemu_plugin_op { ADD_U64 };
typedef void (*translated_t)(qemu_plugin_id_t, struct qemu_plugin_tb *);
typedef void (*executed_t)(unsigned cpu, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, translated_t);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *,
                                            executed_t,
                                            enum qemu_plugin_cb_flags, void *);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *,
                                                enum qemu_plugin_op,
                                                void *number, uint64_t added);
void qemu_plugin_register_vcpu_mem_inline(struct qemu_plugin_insn *,
                                          enum qemu_plugin_mem_rw,
                                          enum qemu_plugin_op, void *number,
                                          uint64_t added);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *,
                                                 size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);

int qemu_plugin_version = 1;

enum { MaxMarks = 4 };

static uint64_t marks[MaxMarks], instructions, loads, stores;
static int mark_count;
static FILE *output;

static void pass(unsigned cpu, void *mark) {
  (void)cpu;
  fprintf(output, "%#" PRIx64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
          *(uint64_t *)mark, instructions, loads, stores);
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
  (void)id;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); ++i) {
    struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, i);
    for (int m = 0; m < mark_count; ++m)
      if (qemu_plugin_insn_vaddr(insn) == marks[m])
        qemu_plugin_register_vcpu_insn_exec_cb(insn, pass, NO_REGISTERS,
                                               &marks[m]);
    qemu_plugin_register_vcpu_insn_exec_inline(insn, ADD_U64, &instructions, 1);
    qemu_plugin_register_vcpu_mem_inline(insn, READS, ADD_U64, &loads, 1);
    qemu_plugin_register_vcpu_mem_inline(insn, WRITES, ADD_U64, &stores, 1);
  }
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
                        char **argv) {
  (void)info;
  for (int i = 0; i < argc; ++i)
    if (strncmp(argv[i], "at=", 3) == 0 && mark_count < MaxMarks)
      marks[mark_count++] = strtoull(argv[i] + 3, NULL, 0);
    else if (strncmp(argv[i], "out=", 4) == 0)
      output = fopen(argv[i] + 4, "w");
  if (!mark_count || !output) {
    fprintf(stderr, "counter: at=ADDRESS and out=FILE are needed\n");
    return 1;
  }
  setvbuf(output, NULL, _IOLBF, 0); // whole whatever ends the program
  qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
  return 0;
}
