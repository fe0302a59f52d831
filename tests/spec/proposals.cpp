// The suite has merged most proposals into one folder: what came from which of
// them shows in the names.
#include "tests/spec/proposals.h"

#include <fnmatch.h>

namespace spec {

namespace {
struct Row {
  const char *glob;
  const char *proposal;
};
} // namespace

// The first that matches counts.
static constexpr Row rows[] = {
    {"legacy/*", "legacy-exceptions"},
    {"custom/*", "annotations"},
    {"annotations", "annotations"},
    {"*relaxed*", "relaxed-simd"},
    {"simd_*", "simd"},
    {"return_call_ref", "function-references"},
    {"return_call*", "tail-call"},
    {"try_table", "exception-handling"},
    {"throw*", "exception-handling"},
    {"tag", "exception-handling"},
    {"array*", "gc"},
    {"struct", "gc"},
    {"i31", "gc"},
    {"br_on_cast*", "gc"},
    {"ref_cast", "gc"},
    {"ref_eq", "gc"},
    {"ref_test", "gc"},
    {"extern", "gc"},
    {"binary-gc", "gc"},
    {"table-sub", "gc"},
    {"type-*", "gc"},
    {"br_on_*", "function-references"},
    {"call_ref", "function-references"},
    {"local_init", "function-references"},
    {"ref", "function-references"},
    {"ref_as_non_null", "function-references"},
    {"f32", "core"},
    {"f64", "core"},
    {"i32", "core"},
    {"i64", "core"},
    {"*64", "memory64"},
    {"memory64-*", "memory64"},
    {"table_copy_mixed", "memory64"},
    {"*-multi", "multi-memory"},
    {"*[a-z][0-3]", "multi-memory"},
    {"memory_size_import", "multi-memory"},
    {"bulk", "bulk-memory"},
    {"memory_[cfi]*", "bulk-memory"},
    {"table_[ci]*", "bulk-memory"},
    {"table_*", "reference-types"},
    {"ref_*", "reference-types"},
};

std::string proposalOf(llvm::StringRef script) {
  if (script.consume_front("proposals/"))
    return script.split('/').first.str();
  for (const Row &row : rows)
    if (fnmatch(row.glob, script.str().c_str(), 0) == 0)
      return row.proposal;
  return "core";
}

wasmetal::FeatureSet featuresOf(llvm::StringRef script) {
  wasmetal::FeatureSet features;
  features.set();
  if (script.starts_with("proposals/threads/")) {
    features.reset(static_cast<size_t>(wasmetal::Feature::ReferenceTypes));
    features.reset(static_cast<size_t>(wasmetal::Feature::MultiMemory));
  }
  return features;
}

} // namespace spec
