// Expressions, values and helper functions of random programs.
#include "tests/exact/text.h"

#include <algorithm>

namespace exact {

const char *nameOf(Type type) {
  static const char *const names[] = {"i32", "i64", "f32", "f64"};
  return names[static_cast<int>(type)];
}

uint32_t sizeOf(Type type) {
  return type == Type::I32 || type == Type::F32 ? 4 : 8;
}

std::string get(const std::string &local) {
  return "(local.get $" + local + ")";
}

std::string set(const std::string &local, const std::string &value) {
  return "(local.set $" + local + " " + value + ")";
}

std::string op(const std::string &name, const std::string &a) {
  return "(" + name + " " + a + ")";
}

std::string op(const std::string &name, const std::string &a,
               const std::string &b) {
  return "(" + name + " " + a + " " + b + ")";
}

std::string op(Type type, const std::string &name, const std::string &a,
               const std::string &b) {
  return op(std::string(nameOf(type)) + "." + name, a, b);
}

std::string extended(Type type, const std::string &value, bool isSigned) {
  if (type == Type::I32)
    return value;
  return op(isSigned ? "i64.extend_i32_s" : "i64.extend_i32_u", value);
}

std::string wrapped(Type type, const std::string &value) {
  return type == Type::I32 ? value : op("i32.wrap_i64", value);
}

std::string memorySize(Type addressType) {
  return wrapped(addressType, "(memory.size)");
}

std::string memoryGrow(Type addressType, const std::string &pages) {
  return wrapped(addressType, op("memory.grow", extended(addressType, pages)));
}

std::string constant(int64_t value, Type type) {
  if (type == Type::I32)
    value = static_cast<int32_t>(value);
  return op(std::string(nameOf(type)) + ".const", std::to_string(value));
}

std::string printOffset(uint64_t offset) {
  if (offset == 0)
    return "";
  return " offset=" + std::to_string(std::min<uint64_t>(offset, UINT32_MAX));
}

std::string wideOffset(uint64_t offset) {
  if (offset <= UINT32_MAX)
    return "";
  return " (nop) (nop) (drop " +
         constant(static_cast<int64_t>(offset), Type::I64) + ")";
}

static std::string access(Random &random, const std::string &name,
                          const std::string &address, uint64_t offset) {
  std::string text = "(" + name + printOffset(offset);
  if (random.chance(40))
    text += " align=1";
  return text + " " + address;
}

std::string load(Random &random, Type type, const std::string &address,
                 uint64_t offset) {
  std::string name = nameOf(type);
  if (type == Type::I32 && random.chance(40))
    name += random.pick({".load8_u", ".load8_s", ".load16_u", ".load16_s"});
  else if (type == Type::I64 && random.chance(50))
    name += random.pick({".load8_u", ".load8_s", ".load16_u", ".load16_s",
                         ".load32_u", ".load32_s"});
  else
    name += ".load";
  return access(random, name, address, offset) + wideOffset(offset) + ")";
}

std::string store(Random &random, Type type, const std::string &address,
                  uint64_t offset, const std::string &value) {
  std::string name = nameOf(type);
  if (type == Type::I32 && random.chance(30))
    name += random.pick({".store8", ".store16"});
  else if (type == Type::I64 && random.chance(40))
    name += random.pick({".store8", ".store16", ".store32"});
  else
    name += ".store";
  return access(random, name, address, offset) + " " + value +
         wideOffset(offset) + ")";
}

static std::string atomic(Type type, const std::string &name,
                          const std::string &address, uint64_t offset) {
  offset = std::min<uint64_t>(offset, UINT32_MAX) & ~uint64_t(7);
  return "(" + std::string(nameOf(type)) + ".atomic." + name +
         printOffset(offset) + " " + address;
}

/// The width of an atomic access, and what follows the operation's name.
static std::string width(Random &random, Type type) {
  return type == Type::I32 ? random.pick({"", "8", "16"})
                           : random.pick({"", "8", "16", "32"});
}

std::string atomicLoad(Random &random, Type type, const std::string &address,
                       uint64_t offset) {
  std::string bits = width(random, type);
  return atomic(type, "load" + bits + (bits.empty() ? "" : "_u"), address,
                offset) +
         ")";
}

std::string atomicStore(Random &random, Type type, const std::string &address,
                        uint64_t offset, const std::string &value) {
  std::string bits = width(random, type);
  return atomic(type, "store" + bits, address, offset) + " " + value + ")";
}

std::string atomicUpdate(Random &random, Type type, const std::string &address,
                         uint64_t offset, const std::string &value) {
  std::string bits = width(random, type);
  std::string operation = random.pick(
      {"add", "sub", "and", "or", "xor", "xchg", "cmpxchg", "cmpxchg"});
  std::string text =
      atomic(type, "rmw" + bits + "." + operation + (bits.empty() ? "" : "_u"),
             address, offset);
  if (operation == "cmpxchg")
    text += " " + constant(random.pick({0, 1, 2, -1}), type);
  return text + " " + value + ")";
}

std::string canonical(Type type, const std::string &value) {
  std::string name = nameOf(type);
  std::string local = type == Type::F32 ? "nan32" : "nan64";
  return "(select (local.tee $" + local + " " + value + ") (" + name +
         ".const nan) (" + name + ".eq " + get(local) + " " + get(local) + "))";
}

uint64_t interesting(Random &random, Type type) {
  uint64_t value = 0;
  switch (random.below(8)) {
  case 0:
    value = random.bits();
    break;
  case 1:
    value = 0 - random.below(40);
    break;
  case 2: // near the ends of the first pages
    value = 65536 * (1 + random.below(3)) - random.below(24);
    break;
  case 3:
    value = (uint64_t(1) << 31) - 4 + random.below(9);
    break;
  case 4: // near powers of two
    value = (uint64_t(1) << random.below(64)) - 2 + random.below(5);
    break;
  case 5:
    value = random.below(65536);
    break;
  default:
    value = random.below(34);
    break;
  }
  return type == Type::I32 ? static_cast<uint32_t>(value) : value;
}

/// Where addresses, what compilers calculate with, or sums of 64 bits end.
static uint64_t farAddress(Random &random) {
  uint64_t end = uint64_t(1) << random.pick({32, 47, 48, 63, 63, 63});
  if (random.chance(20))
    end = 0;
  int64_t distance = random.chance(75) ? 8 * random.between(-24, 8)
                                       : random.between(-(1 << 18), 1 << 18) *
                                             random.pick({1, 1, 1 << 12});
  return end + static_cast<uint64_t>(distance);
}

uint64_t staticOffset(Random &random, Type addressType) {
  if (addressType == Type::I64 && random.chance(4))
    return farAddress(random);
  switch (random.below(16)) {
  case 0:
    return 65536 - random.below(17);
  case 1:
    return random.chance(30) ? 0xffffffff - random.below(17)
                             : random.below(60000);
  case 2:
    return random.chance(20) ? 0x80000000 - random.below(9) : 65524;
  case 3:
  case 4:
  case 5:
    return random.below(9);
  case 6:
  case 7:
    return 8 * random.below(64);
  default:
    return 0;
  }
}

std::vector<Input> inputs(Random &random, Type addressType) {
  constexpr int NumInputs = 7;
  std::vector<Input> all(NumInputs);
  for (Input &input : all) {
    switch (random.below(9)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
      input[0] = 4 * random.below(2048);
      break;
    case 5: // a row that ends near the end
      input[0] = 65536 - 4 * random.below(200) - (random.chance(30) ? 1 : 0);
      break;
    case 6: // a row that wraps
      input[0] = static_cast<uint32_t>(0 - 4 * random.below(64));
      break;
    case 7:
      input[0] = random.below(65536);
      break;
    default:
      input[0] = interesting(random, Type::I32);
    }
    for (int i = 1; i < 3; ++i)
      input[i] =
          random.chance(80) ? random.below(41) : interesting(random, Type::I32);
    input[3] = addressType == Type::I64 && random.chance(50)
                   ? farAddress(random)
                   : interesting(random, Type::I64);
  }
  return all;
}

const char entryHead[] =
    "(export \"run_@\") (param $a i32) (param $b i32) (param $c i32)\n"
    "    (param $d i64) (result i64)\n"
    "    (local $x0 i32) (local $x1 i32) (local $x2 i32) (local $x3 i32)\n"
    "    (local $y0 i64) (local $y1 i64) (local $y2 i64) (local $result i64)\n"
    "    (local $w0 f32) (local $w1 f32) (local $z0 f64) (local $z1 f64)\n"
    "    (local $nan32 f32) (local $nan64 f64) (local $fuel i32)\n"
    "    (local $k0 i32) (local $k1 i32) (local $k2 i32) (local $k3 i32)\n"
    "    (local $n0 i32) (local $n1 i32) (local $n2 i32) (local $n3 i32)\n"
    "    (local $q0 i64) (local $q1 i64) (local $q2 i64) (local $q3 i64)\n"
    "    (local $m0 i64) (local $m1 i64) (local $m2 i64) (local $m3 i64)\n"
    "    (local $fuel0 i32) (local $fuel1 i32) (local $fuel2 i32)\n"
    "    (local $j i32) (local $e i32) (local $m i32) (local $r i32)\n"
    "    (local $wj i64) (local $we i64) (local $wm i64) (local $wr i64)";

std::string mixInto(Type type, const std::string &value) {
  std::string wide = type == Type::I32 ? op("i64.extend_i32_u", value) : value;
  return set("result",
             op("i64.xor",
                op("i64.rotl", get("result"), constant(7, Type::I64)), wide));
}

void addHelpers(Random &random, Program &program, Type addressType) {
  program.declarations +=
      "  (type $leaf@ (func (param i32 i32) (result i32)))\n"
      "  (type $turn@ (func (param i64) (result i64)))\n"
      "  (type $poke@ (func (param i32)))\n"
      "  (table $table@ 6 funcref)\n"
      "  (elem (table $table@) (i32.const 0) func $leaf@ $turn@ $poke@"
      " $leaf@)\n";
  std::string value = random.pick(
      {"i32.add", "i32.sub", "i32.mul", "i32.xor", "i32.shl", "i32.rotr"});
  if (random.chance(15))
    value = random.pick({"i32.div_s", "i32.div_u", "i32.rem_s", "i32.rem_u"});
  Function leaf{"$leaf@ (type $leaf@) (param $p i32) (param $q i32)"
                " (result i32)",
                {},
                op(value, get("p"), get("q"))};
  if (random.chance(30))
    leaf.result = load(
        random, Type::I32,
        extended(addressType, op("i32.and", leaf.result, constant(0xffff))), 0);
  program.functions.push_back(std::move(leaf));

  Function turn{"$turn@ (type $turn@) (param $p i64) (result i64)",
                {},
                op("i64.rotl", get("p"), constant(13, Type::I64))};
  if (random.chance(50))
    turn.body.emplace_back("(global.set $h@ " +
                           op("i64.add", "(global.get $h@)", get("p")) + ")");
  program.functions.push_back(std::move(turn));

  Function poke{"$poke@ (type $poke@) (param $p i32)", {}, ""};
  std::string place = extended(addressType, get("p"));
  if (random.chance(50))
    poke.body.emplace_back(
        store(random, Type::I32, place, random.below(16), get("p")));
  else
    poke.body.emplace_back(
        store(random, Type::I64, place, random.below(16), "(global.get $h@)"));
  program.functions.push_back(std::move(poke));
}

std::string helperCall(Random &random, const std::string &a,
                       const std::string &b) {
  bool isDirect = random.chance(60);
  std::string target =
      random.chance(75)
          ? ""
          : op("i32.and", a, constant(random.pick({1, 3, 7}))); // may be wrong
  auto call = [&](const char *name, int index, const std::string &arguments) {
    std::string text = std::string(" $") + name + "@";
    if (isDirect)
      return "(call" + text + " " + arguments + ")";
    return "(call_indirect $table@ (type" + text + ") " + arguments + " " +
           (target.empty() ? constant(index) : target) + ")";
  };
  switch (random.below(3)) {
  case 0:
    return mixInto(Type::I32, call("leaf", random.pick({0, 3}), a + " " + b));
  case 1:
    return mixInto(Type::I64, call("turn", 1, op("i64.extend_i32_s", a)));
  default:
    return call("poke", 2, a);
  }
}

} // namespace exact
