// V8 as a machine: a process of node that reads requests and answers each in
// one line (oracle.mjs).
#include "tests/exact/machine.h"

#include "llvm/Support/MemoryBuffer.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace exact {

namespace {

class Oracle : public Machine {
public:
  explicit Oracle(std::string folder) : folder(std::move(folder)) {
    name = "V8";
  }
  ~Oracle() override {
    if (requests)
      fclose(requests);
    if (answers)
      fclose(answers);
    if (process > 0)
      waitpid(process, nullptr, 0);
  }

  bool start() {
    int in[2], out[2];
    if (pipe(in) || pipe(out))
      return false;
    process = fork();
    if (process < 0)
      return false;
    if (process == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      dup2(in[0], 0);
      dup2(out[1], 1);
      for (int end : {in[0], in[1], out[0], out[1]})
        close(end);
      // Its baseline compiler is a different one from its optimising one, and
      // most programs run for less than a millisecond.
      execlp("node", "node", "--liftoff-only", "--stack-size=4000",
             "--experimental-wasm-memory64", WASMETAL_EXACT_ORACLE, nullptr);
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    requests = fdopen(in[1], "w");
    answers = fdopen(out[0], "r");
    return ask("hello\n") == "hello\n";
  }

  bool load(const std::vector<uint8_t> &bytes, std::string &error) override {
    std::string path = folder + "/oracle.wasm";
    FILE *file = fopen(path.c_str(), "wb");
    if (!file || fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size()) {
      error = path + ": cannot be written";
      return false;
    }
    fclose(file);
    std::string answer = ask("load " + path + "\n");
    if (answer == "loaded\n")
      return true;
    error = "V8: " + answer;
    return false;
  }

  Outcome run(size_t place, const Input &input, Image *image) override {
    std::string path = image ? folder + "/oracle.image" : "-";
    char request[200];
    snprintf(request, sizeof request, "run %zu %d %d %d %lld %s\n", place,
             static_cast<int>(input[0]), static_cast<int>(input[1]),
             static_cast<int>(input[2]), static_cast<long long>(input[3]),
             path.c_str());
    std::string answer = ask(request);
    Outcome outcome;
    unsigned long long result, hash;
    if (sscanf(answer.c_str(), "%x %u %llx %llx", &outcome.traps,
               &outcome.pages, &result, &hash) != 4) {
      fprintf(stderr, "exact: V8: %s", answer.c_str());
      return outcome;
    }
    outcome.result = result;
    outcome.hash = hash;
    outcome.isKnown = true;
    if (image) {
      auto buffer = llvm::MemoryBuffer::getFile(path, false, false);
      if (buffer)
        image->assign((*buffer)->getBufferStart(), (*buffer)->getBufferEnd());
    }
    return outcome;
  }

private:
  std::string ask(const std::string &request) {
    fputs(request.c_str(), requests);
    fflush(requests);
    char line[1000];
    return fgets(line, sizeof line, answers) ? line : "";
  }

  std::string folder;
  pid_t process = -1;
  FILE *requests = nullptr;
  FILE *answers = nullptr;
};

} // namespace

std::unique_ptr<Machine> makeOracle(const std::string &folder) {
  auto oracle = std::make_unique<Oracle>(folder);
  if (!oracle->start())
    return nullptr;
  return oracle;
}

} // namespace exact
