// Statements go while the difference stays; then expressions become a part of
// themselves, or a constant.
#include "tests/exact/check.h"

namespace exact {

namespace {

class Reducer {
public:
  Reducer(Program &program, const std::function<bool(const Program &)> &differs)
      : program(program), differs(differs) {}

  void run() {
    do {
      changed = false;
      for (Function &function : program.functions) {
        reduceList(function.body);
        reduceText(function.result);
      }
    } while (changed);
  }

private:
  bool keep() {
    bool isGood = differs(program);
    changed |= isGood;
    return isGood;
  }

  void reduceList(Statements &list) {
    for (size_t i = list.size(); i-- > 0;) {
      Statement whole = list[i];
      auto at = list.begin() + static_cast<ptrdiff_t>(i);
      list.erase(at);
      if (keep())
        continue;
      at = list.begin() + static_cast<ptrdiff_t>(i);
      if (!whole.body.empty()) {
        list.insert(at, whole.body.begin(), whole.body.end());
        if (keep()) {
          i += whole.body.size();
          continue;
        }
        at = list.begin() + static_cast<ptrdiff_t>(i);
        list.erase(at, at + static_cast<ptrdiff_t>(whole.body.size()));
        at = list.begin() + static_cast<ptrdiff_t>(i);
      }
      list.insert(at, std::move(whole));
      reduceText(list[i].head);
      reduceList(list[i].body);
      reduceText(list[i].tail);
    }
  }

  static size_t endOf(const std::string &text, size_t open) {
    int depth = 0;
    for (size_t i = open; i < text.size(); ++i) {
      depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
      if (depth == 0)
        return i + 1;
    }
    return 0;
  }

  void reduceText(std::string &text) {
    for (size_t open = text.find('('); open != std::string::npos;
         open = text.find('(', open + 1)) {
      size_t end = endOf(text, open);
      std::string whole = text;
      std::string part = end ? text.substr(open, end - open) : "";
      if (!end || part.find('(', 1) == std::string::npos)
        continue;
      std::vector<std::string> candidates = {"(i32.const 0)", "(i64.const 0)",
                                             "(f64.const 0)"};
      for (size_t inner = part.find('(', 1); inner != std::string::npos;
           inner = part.find('(', inner + 1))
        if (size_t close = endOf(part, inner))
          candidates.push_back(part.substr(inner, close - inner));
      for (const std::string &candidate : candidates) {
        text = whole.substr(0, open) + candidate + whole.substr(end);
        if (keep())
          break;
        text = whole;
      }
    }
  }

  Program &program;
  const std::function<bool(const Program &)> &differs;
  bool changed = false;
};

} // namespace

void reduce(Program &program,
            const std::function<bool(const Program &)> &differs) {
  Reducer(program, differs).run();
}

} // namespace exact
