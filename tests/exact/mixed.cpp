// Programs of any statements, with many traps in reach. Loops take fuel, so
// that each program ends.
#include "tests/exact/text.h"

namespace exact {

namespace {

class MixedGenerator {
public:
  MixedGenerator(uint64_t seed, bool is64)
      : random(seed), addressType(is64 ? Type::I64 : Type::I32) {}
  Program generate(uint64_t index);

private:
  Statement statement(unsigned depth);
  Statements statements(unsigned depth, unsigned limit);
  Statement loop(unsigned depth);
  Statement nearAccesses();
  std::string expression(Type type, unsigned depth);
  std::string i32(unsigned depth);
  std::string i64(unsigned depth);
  std::string floating(Type type, unsigned depth);
  std::string index();
  std::string extend(const std::string &index);
  std::string address() { return extend(index()); }
  std::string aligned();
  std::string local(Type type);
  Type anyType() {
    return random.pick({Type::I32, Type::I32, Type::I32, Type::I64, Type::I64,
                        Type::F32, Type::F64});
  }

  Random random;
  Type addressType;
  unsigned numLabels = 0;
  unsigned numLoops = 0;
};

} // namespace

std::string MixedGenerator::local(Type type) {
  switch (type) {
  case Type::I32:
    return random.pick({"a", "b", "c", "x0", "x1", "x2", "x3"});
  case Type::I64:
    return random.pick({"d", "y0", "y1"});
  case Type::F32:
    return random.pick({"w0", "w1"});
  default:
    return random.pick({"z0", "z1"});
  }
}

/// An i32 as an address: seldom as a signed one.
std::string MixedGenerator::extend(const std::string &index) {
  return extended(addressType, index,
                  addressType == Type::I64 && random.chance(10));
}

std::string MixedGenerator::aligned() {
  return extend(op("i32.and", index(), constant(-8)));
}

/// Mostly within the first page.
std::string MixedGenerator::index() {
  switch (random.below(16)) {
  case 0:
    return get(local(Type::I32));
  case 1:
    return i32(1);
  case 2: // around the end
    return op("i32.sub",
              op("i32.mul", memorySize(addressType), constant(65536)),
              constant(random.below(12)));
  case 3:
    return constant(static_cast<int64_t>(interesting(random, Type::I32)));
  case 4:
  case 5:
    return op("i32.add",
              op("i32.mul", get(random.pick({"k0", "k1", "k2"})),
                 constant(random.pick({1, 2, 4, 8, -4, 1024}))),
              random.chance(30) ? get("a") : constant(random.below(8192)));
  case 6:
    return constant(random.below(65536));
  default:
    return op("i32.and", get(local(Type::I32)),
              constant(random.pick({0x3f, 0xff, 0xfff, 0xfff8, 0xffff})));
  }
}

std::string MixedGenerator::i32(unsigned depth) {
  if (depth == 0)
    return random.chance(35)
               ? constant(static_cast<int64_t>(interesting(random, Type::I32)))
           : random.chance(25) ? get(random.pick({"k0", "k1", "k2"}))
                               : get(local(Type::I32));
  switch (random.below(14)) {
  case 0:
    if (random.chance(30))
      return atomicUpdate(random, Type::I32, aligned(),
                          staticOffset(random, addressType), i32(0));
    if (random.chance(20))
      return atomicLoad(random, Type::I32, aligned(),
                        staticOffset(random, addressType));
    [[fallthrough]];
  case 1:
    return load(random, Type::I32, address(),
                staticOffset(random, addressType));
  case 2:
    return op("i32.wrap_i64", i64(depth - 1));
  case 3:
    return op(random.pick({"i32.eqz", "i32.clz", "i32.ctz", "i32.popcnt",
                           "i32.extend8_s", "i32.extend16_s"}),
              i32(depth - 1));
  case 4:
    return op(random.pick({"i32.div_s", "i32.div_u", "i32.rem_s", "i32.rem_u"}),
              i32(depth - 1),
              random.chance(70) ? op("i32.or", i32(0), constant(1)) : i32(0));
  case 5: {
    Type type = random.pick({Type::F32, Type::F64});
    std::string source = nameOf(type);
    return op("i32.trunc_" + std::string(random.chance(70) ? "sat_" : "") +
                  source + random.pick({"_s", "_u"}),
              expression(type, depth - 1));
  }
  case 6:
    return op(random.pick({"i64.lt_s", "i64.lt_u", "i64.eq", "i64.ge_u"}),
              i64(depth - 1), i64(0));
  case 7:
    return memorySize(addressType);
  case 8:
    return "(select " + i32(depth - 1) + " " + i32(depth - 1) + " " +
           i32(depth - 1) + ")";
  case 9:
    return "(global.get $g@)";
  default:
    return op(random.pick({"i32.add", "i32.sub", "i32.mul", "i32.and", "i32.or",
                           "i32.xor", "i32.shl", "i32.shr_s", "i32.shr_u",
                           "i32.rotl", "i32.lt_s", "i32.lt_u", "i32.eq",
                           "i32.ne", "i32.gt_u", "i32.le_s"}),
              i32(depth - 1), i32(depth - 1));
  }
}

std::string MixedGenerator::i64(unsigned depth) {
  if (depth == 0)
    return random.chance(35)
               ? constant(static_cast<int64_t>(interesting(random, Type::I64)),
                          Type::I64)
               : get(local(Type::I64));
  switch (random.below(10)) {
  case 0:
    if (random.chance(30))
      return atomicUpdate(random, Type::I64, aligned(),
                          staticOffset(random, addressType), i64(0));
    if (random.chance(20))
      return atomicLoad(random, Type::I64, aligned(),
                        staticOffset(random, addressType));
    [[fallthrough]];
  case 1:
    return load(random, Type::I64, address(),
                staticOffset(random, addressType));
  case 2:
    return op(random.pick({"i64.extend_i32_s", "i64.extend_i32_u"}),
              i32(depth - 1));
  case 3:
    return op(random.pick({"i64.div_s", "i64.div_u", "i64.rem_s", "i64.rem_u"}),
              i64(depth - 1),
              random.chance(70) ? op("i64.or", i64(0), constant(1, Type::I64))
                                : i64(0));
  case 4: {
    Type type = random.pick({Type::F32, Type::F64});
    return op("i64.trunc_" + std::string(random.chance(70) ? "sat_" : "") +
                  nameOf(type) + random.pick({"_s", "_u"}),
              expression(type, depth - 1));
  }
  case 5:
    return "(global.get $h@)";
  default:
    return op(random.pick({"i64.add", "i64.sub", "i64.mul", "i64.and", "i64.or",
                           "i64.xor", "i64.shl", "i64.shr_s", "i64.shr_u",
                           "i64.rotr"}),
              i64(depth - 1), i64(depth - 1));
  }
}

std::string MixedGenerator::floating(Type type, unsigned depth) {
  std::string name = nameOf(type);
  if (depth == 0)
    return random.chance(30)
               ? "(" + name + ".const " +
                     random.pick({"0", "-0", "1.5", "-7", "1e9", "-1e19",
                                  "2147483648", "inf", "0x1p-140"}) +
                     ")"
               : get(local(type));
  switch (random.below(8)) {
  case 0:
  case 1:
    return load(random, type, address(), staticOffset(random, addressType));
  case 2:
    return op(name + random.pick({".convert_i32_s", ".convert_i32_u"}),
              i32(depth - 1));
  case 3:
    return op(name + random.pick({".convert_i64_s", ".convert_i64_u"}),
              i64(depth - 1));
  case 4:
    return canonical(
        type, type == Type::F32
                  ? op("f32.demote_f64", floating(Type::F64, depth - 1))
                  : op("f64.promote_f32", floating(Type::F32, depth - 1)));
  case 5:
    return canonical(type, op(name + random.pick({".sqrt", ".floor", ".trunc",
                                                  ".nearest", ".ceil"}),
                              floating(type, depth - 1)));
  default:
    return canonical(
        type,
        op(name + random.pick({".add", ".sub", ".mul", ".div", ".min", ".max"}),
           floating(type, depth - 1), floating(type, depth - 1)));
  }
}

std::string MixedGenerator::expression(Type type, unsigned depth) {
  switch (type) {
  case Type::I32:
    return i32(depth);
  case Type::I64:
    return i64(depth);
  default:
    return floating(type, depth);
  }
}

Statement MixedGenerator::loop(unsigned depth) {
  std::string number = std::to_string(numLabels++);
  std::string counter = "k" + std::to_string(numLoops++ % 3);
  Statements body = statements(depth - 1, 4);
  std::string condition =
      random.chance(60)
          ? op(random.pick({"i32.lt_u", "i32.ne", "i32.lt_s"}), get(counter),
               random.chance(50) ? get(random.pick({"b", "c"}))
                                 : constant(random.below(40)))
          : i32(2);
  Statements whole;
  if (random.chance(60))
    whole.emplace_back(
        set(counter, constant(random.chance(80) ? 0 : random.below(65536))));
  // The fuel is not a statement: it must not be dropped.
  std::string tail = set(counter, op("i32.add", get(counter),
                                     constant(random.pick({1, 1, 1, 2, 4})))) +
                     " (br_if $l" + number + " (i32.and " + condition +
                     " (i32.gt_s (local.tee $fuel (i32.sub (local.get $fuel)"
                     " (i32.const 1))) (i32.const 0))))))";
  whole.push_back({"(block $x" + number + " (loop $l" + number + " (br_if $x" +
                       number + " (i32.le_s (local.get $fuel) (i32.const 0)))",
                   std::move(body), tail});
  return {"(block", std::move(whole), ")"};
}

/// Accesses whose addresses are a constant apart, some of which may not run.
Statement MixedGenerator::nearAccesses() {
  bool isWide = addressType == Type::I64 && random.chance(60);
  Type type = isWide ? Type::I64 : Type::I32;
  std::string base = isWide ? random.pick({"d", "y0", "y1"})
                            : random.pick({"a", "x0", "x1", "x2"});
  uint32_t scale = random.pick({0, 0, 1, 2});
  Statements all;
  if (random.chance(70)) {
    std::string start = isWide ? address() : index();
    all.emplace_back(set(
        base, scale ? op(type, "shr_u", start, constant(scale, type)) : start));
  }
  for (uint32_t i = 0, count = 2 + random.below(4); i < count; ++i) {
    std::string index = get(base);
    if (random.chance(50)) // before it is scaled
      index = op(type, "add", index, constant(random.below(8), type));
    if (scale)
      index = op(type, "shl", index, constant(scale, type));
    int64_t distance = random.chance(90)
                           ? static_cast<int64_t>(random.below(24)) - 8
                           : static_cast<int64_t>(interesting(random, type));
    std::string near = op(type, "add", index, constant(distance, type));
    if (!isWide)
      near = extend(near);
    Type accessed = anyType();
    Statement access =
        random.chance(50)
            ? store(random, accessed, near, staticOffset(random, addressType),
                    expression(accessed, random.below(2)))
            : set(local(accessed), load(random, accessed, near,
                                        staticOffset(random, addressType)));
    if (random.chance(20))
      all.push_back({"(if " + i32(1) + " (then", {access}, "))"});
    else
      all.push_back(access);
  }
  return {"(block", std::move(all), ")"};
}

Statement MixedGenerator::statement(unsigned depth) {
  Type type = anyType();
  switch (random.below(depth ? 24 : 16)) {
  case 0:
  case 1:
  case 2:
  case 3:
  case 4:
    return set(local(type), expression(type, random.below(4)));
  case 5:
  case 6:
  case 7:
  case 8:
    if (random.chance(15) && (type == Type::I32 || type == Type::I64))
      return atomicStore(random, type, aligned(),
                         staticOffset(random, addressType),
                         expression(type, random.below(3)));
    return store(random, type, address(), staticOffset(random, addressType),
                 expression(type, random.below(3)));
  case 9:
    return mixInto(Type::I32, i32(2));
  case 10:
    return mixInto(Type::I64, i64(2));
  case 11:
    return random.chance(50) ? "(global.set $g@ " + i32(2) + ")"
                             : "(global.set $h@ " + i64(2) + ")";
  case 12:
    return helperCall(random, random.chance(50) ? index() : i32(1), i32(1));
  case 13:
    if (random.chance(15))
      return "(drop " +
             atomicUpdate(random, Type::I32, aligned(),
                          staticOffset(random, addressType), i32(1)) +
             ")";
    return "(drop " +
           load(random, type, address(), staticOffset(random, addressType)) +
           ")";
  case 14:
    if (random.chance(40))
      return mixInto(
          Type::I32,
          memoryGrow(addressType,
                     "(select " + constant(random.pick({0, 1, 1, 2, -1})) +
                         " (i32.const -1) " +
                         op("i32.lt_u", memorySize(addressType), constant(6)) +
                         ")"));
    if (random.chance(20))
      return {"(if " + op("i32.eq", i32(1), i32(0)) + " (then (unreachable)))"};
    return mixInto(Type::I64,
                   "(i64.reinterpret_f64 " + floating(Type::F64, 2) + ")");
  case 15:
    return random.chance(50)
               ? "(memory.fill " + address() + " " + i32(0) + " " +
                     extend(constant(random.below(100))) + ")"
               : "(memory.copy " + address() + " " + address() + " " +
                     extend(constant(random.below(100))) + ")";
  case 16:
  case 17:
    return {"(if " + i32(2) + " (then", statements(depth - 1, 4), "))"};
  case 18: {
    std::string number = std::to_string(numLabels++);
    Statements body = statements(depth - 1, 3);
    Statements rest = statements(depth - 1, 2);
    body.emplace_back("(br_if $e" + number + " " + i32(2) + ")");
    body.insert(body.end(), rest.begin(), rest.end());
    return {"(block $e" + number, std::move(body), ")"};
  }
  case 19:
  case 20:
    return nearAccesses();
  default:
    return loop(depth);
  }
}

Statements MixedGenerator::statements(unsigned depth, unsigned limit) {
  Statements all;
  for (uint32_t i = 0, count = 1 + random.below(limit); i < count; ++i)
    all.push_back(statement(depth));
  return all;
}

Program MixedGenerator::generate(uint64_t index) {
  Program program{index, Kind::Mixed, "", {}, {}};
  addHelpers(random, program, addressType);
  Function entry{entryHead, {}, get("result")};
  entry.body.emplace_back(set("fuel", constant(random.pick({30, 100, 400}))));
  Statements body = statements(3, 9);
  entry.body.insert(entry.body.end(), body.begin(), body.end());
  for (const char *name : {"x0", "x1", "x2"})
    entry.body.emplace_back(mixInto(Type::I32, get(name)));
  entry.body.emplace_back(mixInto(Type::I64, get("y0")));
  entry.body.emplace_back(
      mixInto(Type::I64, op("i64.reinterpret_f64", get("z0"))));
  program.functions.push_back(std::move(entry));
  program.inputs = inputs(random, addressType);
  return program;
}

Program generateMixed(uint64_t seed, uint64_t index, bool is64) {
  return MixedGenerator(seed, is64).generate(index);
}

} // namespace exact
