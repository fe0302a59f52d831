// A batch of programs is compiled once for each machine; each run is compared
// with the reference: result or trap, memory's size and contents, globals.
#include "tests/exact/check.h"

#include <cstdio>
#include <cstring>
#include <optional>
#include <sys/wait.h>
#include <unistd.h>

namespace exact {

Machines makeMachines(const Settings &settings, const std::string &folder) {
  Machines machines;
  if (settings.hasOracle) {
    machines.push_back(makeOracle(folder));
    if (!machines.back()) {
      fputs("exact: node is missing (--no-oracle does without)\n", stderr);
      return {};
    }
  }
  for (const std::string &level : settings.levels) {
    for (const std::string &name : settings.strategies) {
      std::optional<wasmetal::Strategy> strategy = wasmetal::findStrategy(name);
      if (!strategy || level.size() != 1 || level[0] < '0' || level[0] > '3') {
        fprintf(stderr, "exact: there is no %s -O%s\n", name.c_str(),
                level.c_str());
        return {};
      }
      wasmetal::CompileOptions options = settings.compile;
      options.emit.strategy = *strategy;
      options.optLevel = static_cast<unsigned>(level[0] - '0');
      machines.push_back(makeCompiled(options, name + " -O" + level, folder));
    }
  }
  return machines;
}

size_t compareRun(const Machines &machines, size_t place, const Input &input,
                  std::vector<Outcome> &outcomes) {
  size_t different = 0;
  outcomes.assign(machines.size(), Outcome());
  for (size_t i = 0; i < machines.size(); ++i) {
    if (i && !machines[i]->seesBounds && outcomes[0].has(WM_TRAP_memory_bounds))
      continue;
    outcomes[i] = machines[i]->run(place, input, nullptr);
    bool isSame = outcomes[i].isKnown && areEqual(outcomes[0], outcomes[i]);
    if (!isSame && !different)
      different = i ? i : 1;
  }
  return different;
}

static void printFirstByte(const Image &a, const Image &b) {
  if (a.size() != b.size())
    return;
  size_t count = 0, first = 0;
  for (size_t i = a.size(); i-- > 0;) {
    if (a[i] == b[i])
      continue;
    ++count;
    first = i;
  }
  if (count)
    printf("  %zu bytes differ, the first at 0x%zx%s: 0x%02x, 0x%02x\n", count,
           first, first >= a.size() / 65536 * 65536 ? " (a global)" : "",
           a[first], b[first]);
}

/// Whether the machines differ for the program alone. In a process of its own:
/// what a reducer makes may crash, or not end.
static bool differAlone(const Settings &settings, const std::string &folder,
                        const Program &program, const Input &input) {
  std::string text =
      moduleText(memoryShapeOf(settings.seed, program.index), {program});
  llvm::Expected<std::vector<uint8_t>> bytes = assemble(text);
  if (!bytes) {
    llvm::consumeError(bytes.takeError());
    return false;
  }
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    alarm(20);
    Machines machines = makeMachines(settings, folder);
    std::string error;
    for (auto &machine : machines)
      if (!machine->load(*bytes, error))
        _exit(0);
    std::vector<Outcome> outcomes;
    size_t different = compareRun(machines, 0, input, outcomes);
    // Both have to be known: a reducer may not change the problem.
    bool found =
        different && outcomes[0].isKnown && outcomes[different].isKnown;
    machines.clear();
    _exit(found ? 42 : 0);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child)
    return false;
  return WIFEXITED(status) && WEXITSTATUS(status) == 42;
}

static void printDifference(const Settings &settings, const Machines &machines,
                            const std::string &folder, Program program,
                            size_t place, const Input &input,
                            const std::vector<Outcome> &outcomes,
                            size_t different) {
  printf("program %llu of seed %llu differs (%s)\n  input: %s\n",
         static_cast<unsigned long long>(program.index),
         static_cast<unsigned long long>(settings.seed),
         program.kind == Kind::Nests ? "nests" : "mixed",
         printInput(input).c_str());
  for (size_t i = 0; i < machines.size(); ++i)
    printf("  %s %s: %s\n", areEqual(outcomes[0], outcomes[i]) ? " " : "*",
           machines[i]->name.c_str(), print(outcomes[i]).c_str());
  Image a, b;
  machines[0]->run(place, input, &a);
  machines[different]->run(place, input, &b);
  printFirstByte(a, b);
  if (settings.reduces) {
    auto differs = [&](const Program &candidate) {
      return differAlone(settings, folder, candidate, input);
    };
    if (differs(program))
      reduce(program, differs);
    else
      puts("  only with its neighbours: not reduced");
  }
  puts(moduleText(memoryShapeOf(settings.seed, program.index), {program})
           .c_str());
  fflush(stdout);
}

static void setStage(Progress &progress, const std::string &stage) {
  strncpy(progress.stage, stage.c_str(), sizeof progress.stage - 1);
}

void checkBatch(const Settings &settings, const Machines &machines,
                const std::string &folder, Progress &progress) {
  std::vector<Program> programs;
  uint64_t end = std::min({progress.current + settings.batch,
                           settings.start + settings.count,
                           (progress.current / MaxPrograms + 1) * MaxPrograms});
  for (uint64_t index = progress.current; index < end; ++index)
    programs.push_back(generateProgram(settings.seed, index, settings.kinds));
  MemoryShape shape = memoryShapeOf(settings.seed, progress.current);
  std::string text = moduleText(shape, programs);
  if (settings.prints) {
    puts(text.c_str());
    for (const Program &program : programs)
      for (const Input &input : program.inputs)
        printf(";; %llu: %s\n", static_cast<unsigned long long>(program.index),
               printInput(input).c_str());
    progress.current = end;
    return;
  }
  setStage(progress, "assembling");
  llvm::Expected<std::vector<uint8_t>> bytes = assemble(text);
  std::string error;
  if (!bytes)
    error = llvm::toString(bytes.takeError());
  for (size_t i = 0; i < machines.size() && error.empty(); ++i) {
    setStage(progress, machines[i]->name + " loading");
    if (!machines[i]->load(*bytes, error) && error.empty())
      error = "not loaded";
  }
  if (!error.empty()) {
    printf("programs from %llu: %s: %s\n",
           static_cast<unsigned long long>(progress.current), progress.stage,
           error.c_str());
    ++progress.different;
    progress.current = end;
    return;
  }
  std::vector<Outcome> outcomes;
  for (size_t place = 0; place < programs.size(); ++place) {
    ++progress.programs;
    for (const Input &input : programs[place].inputs) {
      setStage(progress, "program " + std::to_string(programs[place].index) +
                             " with " + printInput(input));
      size_t different = compareRun(machines, place, input, outcomes);
      ++progress.runs;
      progress.trapped += outcomes[0].traps != 0;
      if (!different)
        continue;
      ++progress.different;
      printDifference(settings, machines, folder, programs[place], place, input,
                      outcomes, different);
      break;
    }
  }
  progress.current = end;
}

} // namespace exact
