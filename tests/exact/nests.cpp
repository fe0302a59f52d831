// Loop nests built to defeat what reasons from the first and last address of a
// loop: induction variables that wrap, sums of 33 bits, rows that overlap,
// exits that are missed, trip counts of zero and of 2^32, bounds that the loop
// overwrites. Each loop ends soon: its trips are few, or it takes fuel, or it
// begins with an access that leaves memory after some thousand trips.
#include "tests/exact/nests.h"

namespace exact {

static constexpr uint64_t MissedExitTrips = 50000;
static constexpr uint64_t Fuel = 3000;

Statements NestGenerator::body(uint64_t budget) {
  Statements all;
  unsigned count = 1 + random.below(isFar ? 2 : 3);
  bool nests = loops.size() < 3 && budget >= 4 && random.chance(55);
  unsigned place = random.chance(70) ? 0 : random.below(count);
  for (unsigned i = 0; i < count; ++i) {
    if (nests && i == place) {
      all.push_back(loop(budget));
      if (random.chance(50))
        continue;
    }
    addStatement(all);
  }
  return all;
}

/// A number of trips. `isBounded`: at most `limit`, whatever the inputs.
std::string NestGenerator::bound(Type type, uint64_t limit, bool &isBounded) {
  uint32_t small = static_cast<uint32_t>(limit < 40 ? limit : 40);
  std::string mask = constant((1u << (31 - __builtin_clz(small))) - 1, type);
  isBounded = true;
  switch (random.below(10)) {
  case 0:
    return constant(random.below(small + 1), type);
  case 1:
  case 2:
    return op(type, "and", parameter(type, {"b", "c"}), mask);
  case 3:
    return op(type, "and", load(random, type, address(4), 0), mask);
  case 4:
  case 5: // by an enclosing loop
    if (!loops.empty()) {
      std::string iv = type == Type::I64 ? loops.back().index : loops.back().iv;
      if (random.chance(40))
        iv = op(type, "add", iv, constant(random.between(-2, 4), type));
      else if (random.chance(30))
        iv = op(type, "sub", extend(type, get("b")), iv);
      else if (type == Type::I64 && random.chance(30)) // small as a whole
        iv = op("i64.add", iv,
                op("i64.add", get("d"),
                   constant(random.pick({INT64_MIN, -(int64_t(1) << 48)}),
                            Type::I64)));
      isBounded = false;
      return iv;
    }
    [[fallthrough]];
  default:
    isBounded = false;
    if (type == Type::I64 && random.chance(10)) // 32 bits of which are small
      return op("i64.add", extend(type, get("b")),
                op("i64.shl", parameter(type, {"c"}), constant(32, type)));
    if (type == Type::I64 && random.chance(8))
      return farStep(parameter(type, {"b", "c"}));
    return random.chance(80) ? parameter(type, {"b"}) : parameter(type, {"c"});
  }
}

Statement NestGenerator::loop(uint64_t budget) {
  unsigned level = static_cast<unsigned>(loops.size());
  std::string depth = std::to_string(level);
  // That of what counts.
  Type type =
      addressType == Type::I64 && random.chance(65) ? Type::I64 : Type::I32;
  std::string k = (type == Type::I64 ? "q" : "k") + depth;
  std::string n = (type == Type::I64 ? "m" : "n") + depth;
  auto isTrue = [&](const std::string &value) {
    return type == Type::I32 ? value
                             : op("i64.ne", value, constant(0, Type::I64));
  };
  std::string number = std::to_string(numLabels++);
  bool isBounded;
  std::string end = bound(type, budget, isBounded);
  if (!isBounded && budget < MissedExitTrips) {
    uint32_t limit = static_cast<uint32_t>(budget < 40 ? budget : 40);
    if (loops.empty() || random.chance(50)) {
      end = op(type, "and", end,
               constant((1u << (31 - __builtin_clz(limit))) - 1, type));
    } else {
      // Exact when the bound is small.
      std::string most = constant(limit, type);
      end = "(select " + end + " " + most + " " + op(type, "lt_u", end, most) +
            ")";
    }
    isBounded = true;
  }
  int64_t step = random.pick<int64_t>({1, 1, 1, 1, 2, 2, 4, 3, 8});
  std::string stepText = constant(step, type);
  bool staysPut = false;
  if (random.chance(10)) {
    step = 0; // unknown
    auto some = [&](int64_t mask) {
      return op(type, "and", parameter(type, {"c"}), constant(mask, type));
    };
    stepText = op(type, "or", some(7), constant(1, type));
    staysPut = random.chance(40); // zero, negative
    if (staysPut)
      stepText = random.chance(50) ? parameter(type, {"b", "c"})
                                   : op(type, "sub", some(15),
                                        constant(random.pick({0, 3, 8}), type));
  }
  std::string zero = constant(0, type), start = zero;
  if (random.chance(30)) {
    if (level > 0 && random.chance(50))
      start = type == Type::I64 ? loops.back().index : loops.back().iv;
    else
      start = random.chance(50) ? constant(random.below(20), type)
                                : parameter(type, {"c"});
  }
  bool startsAtZero = start == zero;
  // Signed comparisons may take 2^31 trips from there.
  bool startsAnywhere = start.find("get") != std::string::npos;

  // Before the loop; what stands before and behind its body; whether it surely
  // ends when the number of trips is bounded.
  std::string before, head, tail, iv = get(k);
  bool ends = isBounded;
  bool isGuarded = random.chance(60), isPointer = false;
  Type counted = type; // that of iv
  std::string guard;
  std::string back = "(br_if $l" + number + " ";
  std::string advance = set(k, op(type, "add", get(k), stepText));
  before = set(n, end);
  switch (random.below(8)) {
  case 0:
  case 1: { // the exit behind
    std::string compare =
        random.pick({"lt_u", "lt_u", "lt_s", "ne", "le_u", "le_s"});
    before += " " + set(k, start);
    std::string compared = get(k);
    if (random.chance(15)) { // i++ < j--
      compare = random.pick({"lt_u", "lt_s", "lt_s", "le_s"});
      int64_t nearer = random.pick<int64_t>({1, 1, 2});
      advance += " " + set(n, op(type, "sub", get(n), constant(nearer, type)));
      ends &= compare != "lt_u" || (isGuarded && nearer == 1);
      if (random.chance(50))
        iv = get(n);
    }
    bool looksAhead = random.chance(20); // i + 4 <= n
    if (looksAhead)
      compared =
          op(type, "add", compared, constant(random.pick({1, 3, 4}), type));
    guard = op(type, compare, compared, get(n));
    tail = advance + " " + back + op(type, compare, compared, get(n)) + ")";
    ends &=
        compare == "ne" ? startsAtZero && step == 1 && isGuarded && !looksAhead
        : compare == "lt_s" || compare == "le_s" || looksAhead ? !startsAnywhere
                                                               : true;
    break;
  }
  case 2: { // the exit in front
    std::string compare = random.pick({"ge_u", "ge_s", "eq"});
    before += " " + set(k, start);
    head = "(br_if $x" + number + " " + op(type, compare, get(k), get(n)) + ")";
    tail = advance + " (br $l" + number + ")";
    ends &= compare == "eq"     ? startsAtZero && step == 1
            : compare == "ge_s" ? !startsAnywhere
                                : true;
    break;
  }
  case 3: // counts up to zero
    before += " " + set(k, op(type, "sub", zero, get(n)));
    guard = isTrue(get(n));
    tail = advance + " " + back + isTrue(get(k)) + ")";
    ends &= isGuarded && step == 1;
    if (random.chance(60))
      iv = op(type, "add", get(k), get(n));
    break;
  case 4: { // counts down
    bool isSigned = random.chance(50);
    before += " " + set(k, get(n));
    guard = isTrue(get(n));
    tail = back + (isSigned ? op(type, "gt_s", get(k), zero) : isTrue(get(k))) +
           ")";
    std::string down = set(k, op(type, "sub", get(k), stepText));
    if (random.chance(50))
      head = down;
    else
      tail = down + " " + tail;
    ends &= isSigned || (isGuarded && step == 1);
    break;
  }
  case 5: { // 64 bits, of which the address may take 32
    std::string q = "q" + depth;
    auto wide = [&](const std::string &value) {
      return type == Type::I64 ? value : op("i64.extend_i32_u", value);
    };
    before +=
        " " + set(q, random.chance(70)
                         ? constant(0, Type::I64)
                         : constant(random.pick<int64_t>({0xfffffff0, -8, 1}),
                                    Type::I64));
    head = "(br_if $x" + number + " " +
           op(random.pick({"i64.ge_u", "i64.ge_s"}), get(q), wide(get(n))) +
           ")";
    tail = set(q, op("i64.add", get(q), wide(stepText))) + " (br $l" + number +
           ")";
    if (random.chance(40)) { // what producers unroll
      head = "";
      tail = set(q, op("i64.add", get(q), wide(stepText))) + " " + back +
             op("i64.ne", get(q),
                wide(op(type, "and", get(n), constant(0x7ffffffe, type)))) +
             ")";
      ends = false;
    }
    iv = get(q);
    counted = Type::I64;
    break;
  }
  case 6: // a pointer
    before +=
        " " + set(k, parameter(type, {"a"})) + " " +
        set(n, op(type, "add", get(k), op(type, "mul", get(n), stepText)));
    guard = op(type, "ne", get(k), get(n));
    tail = advance + " " + back + op(type, "ne", get(k), get(n)) + ")";
    isPointer = true;
    ends &= isGuarded;
    break;
  default: // a bound that the loop may overwrite
    before = set(k, zero);
    head = "(br_if $x" + number + " " +
           op(type, "ge_u", get(k),
              op(type, "and",
                 "(" + std::string(nameOf(type)) + ".load " +
                     (random.chance(50)
                          ? extend(addressType, get("a"))
                          : constant(4 * random.below(300), addressType)) +
                     ")",
                 constant(budget < 40 ? 3 : 31, type))) +
           ")";
    tail = advance + " (br $l" + number + ")";
    ends = true;
    break;
  }

  ends &= !staysPut;
  bool mustTakeFuel = staysPut || budget < MissedExitTrips;
  bool takesFuel = !ends && random.chance(mustTakeFuel ? 100 : 35);
  uint64_t trips = ends ? 40 : takesFuel ? Fuel : MissedExitTrips;
  std::string index = iv;
  if (counted == Type::I64)
    iv = op("i32.wrap_i64", iv);
  if (addressType == Type::I32 || (counted == Type::I64 && random.chance(10)))
    index = iv;
  if (addressType == Type::I64 && (counted == Type::I32 || index == iv))
    index = extend(Type::I64, iv);
  loops.push_back(
      {iv, index, isPointer, step, static_cast<unsigned>(std::stoul(number))});
  if (takesFuel)
    head += " (br_if $x" + number + " (i32.eqz (local.tee $fuel" + depth + " " +
            op("i32.sub", get("fuel" + depth), constant(1)) + ")))";
  else if (!ends) {
    // This one is part of the loop, so that nobody drops it.
    Access access = this->access();
    std::string at = op(addressType, "add",
                        random.chance(50) ? extend(addressType, get("a"))
                                          : constant(64, addressType),
                        op(addressType, "mul", index,
                           constant(random.pick({4, 8, -4}), addressType)));
    head += random.chance(50) ? " " + storeOf(access, at, 0, value(access.type))
                              : " (drop " + loadOf(access, at, 0) + ")";
  }
  if (takesFuel)
    before += " " + set("fuel" + depth, constant(static_cast<int64_t>(
                                            budget < Fuel ? budget : Fuel)));
  Statements inner = body(budget / trips);
  loops.pop_back();

  Statement statement("(block $x" + number + " (loop $l" + number + " " + head,
                      std::move(inner), tail + "))");
  bool hasGuard = isGuarded && !guard.empty();
  std::string open = "(block " + before;
  if (hasGuard)
    open += " (if " + guard + " (then";
  return {open, {std::move(statement)}, hasGuard ? ")))" : ")"};
}

Program NestGenerator::generate(uint64_t index) {
  constexpr uint64_t Budget = 150000;
  Program program{index, Kind::Nests, "", {}, {}};
  addHelpers(random, program, addressType);
  Function entry{entryHead, {}, get("result")};
  if (addressType == Type::I64) {
    isFar = random.chance(40);
    farKind = random.below(10);
    for (const char *name : {"y1", "y2"})
      if (random.chance(40))
        entry.body.emplace_back(set(name, parameter(Type::I64, {"a", "c"})));
  }
  unsigned count = 1 + random.below(2);
  for (unsigned i = 0; i < count; ++i) {
    entry.body.push_back(loop(Budget));
    // What lives on behind the loop.
    if (addressType == Type::I64)
      for (const char *name : {"m0", "q1", "y1", "y2"})
        if (random.chance(60))
          entry.body.emplace_back(mixInto(Type::I64, get(name)));
    for (const char *name : {"k0", "k1", "k2", "n0", "x0", "x1", "x2", "x3"})
      if (random.chance(60))
        entry.body.emplace_back(mixInto(Type::I32, get(name)));
    if (random.chance(70))
      entry.body.emplace_back(mixInto(Type::I64, get("y0")));
    if (random.chance(30))
      entry.body.emplace_back(mixInto(Type::I64, get("q0")));
    if (random.chance(70))
      entry.body.emplace_back(
          mixInto(Type::I64, op("i64.reinterpret_f64", get("z0"))));
    if (random.chance(50))
      entry.body.emplace_back(
          mixInto(Type::I32, op("i32.reinterpret_f32", get("w0"))));
  }
  program.functions.push_back(std::move(entry));
  program.inputs = inputs(random, addressType);
  return program;
}

Program generateNests(uint64_t seed, uint64_t index, bool is64) {
  return NestGenerator(seed, is64).generate(index);
}

} // namespace exact
