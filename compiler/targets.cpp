// The table and the ways to find a row.
#include "compiler/targets.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/TargetParser/Host.h"

using namespace llvm;
using namespace wasmetal;

static constexpr TargetInfo Targets[] = {
#define TARGET(name, backend, triple, cpu, features, runtime, emulation,       \
               page_size, strategies)                                          \
  {name, triple, cpu, features, runtime, emulation, page_size, strategies},
#include "compiler/targets.def"
};

std::vector<std::string> TargetInfo::strategyNames() const {
  std::vector<std::string> names;
  for (StringRef name : split(strategies, ' '))
    names.push_back(name.str());
  return names;
}

ArrayRef<TargetInfo> wasmetal::allTargets() { return Targets; }

const TargetInfo *wasmetal::findTarget(StringRef name) {
  const auto *found = find_if(
      Targets, [&](const TargetInfo &target) { return target.name == name; });
  return found == std::end(Targets) ? nullptr : found;
}

const TargetInfo &wasmetal::hostTarget() {
  Triple host(sys::getProcessTriple());
  const auto *found = find_if(Targets, [&](const TargetInfo &target) {
    Triple triple(target.triple);
    return triple.getArch() == host.getArch() && triple.getOS() == host.getOS();
  });
  return found == std::end(Targets) ? Targets[0] : *found;
}
