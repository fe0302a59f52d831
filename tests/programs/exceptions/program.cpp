// What exceptions do: by value and by base, through frames with destructors,
// rethrown, nested, out of constructors, by the thousand.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int alive;

struct Guard {
  const char *name;
  explicit Guard(const char *name) : name(name) { ++alive; }
  ~Guard() {
    --alive;
    printf("  leaves %s\n", name);
  }
};

struct Failure {
  int code;
  explicit Failure(int code) : code(code) { ++alive; }
  Failure(const Failure &other) : code(other.code) { ++alive; }
  virtual ~Failure() { --alive; }
  virtual const char *what() const { return "failure"; }
};

struct Worse : Failure {
  explicit Worse(int code) : Failure(code * 10) {}
  const char *what() const override { return "worse"; }
};

__attribute__((noinline)) static int raise(int kind) {
  Guard guard("raise");
  switch (kind) {
  case 1:
    throw kind;
  case 2:
    throw "text";
  case 3:
    throw Failure(kind);
  case 4:
    throw Worse(kind);
  case 5:
    throw 2.5;
  }
  return kind;
}

__attribute__((noinline)) static int pass(int kind) {
  Guard guard("pass");
  return raise(kind) + 1;
}

static void tell(int kind) {
  try {
    printf("returns %d\n", pass(kind));
  } catch (int code) {
    printf("int %d\n", code);
  } catch (const char *text) {
    printf("text %s\n", text);
  } catch (const Failure &failure) {
    printf("%s %d\n", failure.what(), failure.code);
  } catch (...) {
    puts("something");
  }
}

static void rethrow(int kind) {
  try {
    try {
      pass(kind);
    } catch (Failure &failure) {
      failure.code += 1;
      throw;
    } catch (int code) {
      throw Failure(code + 100);
    }
  } catch (const Worse &worse) {
    printf("again worse %d\n", worse.code);
  } catch (const Failure &failure) {
    printf("again %s %d\n", failure.what(), failure.code);
  }
}

static void nest() {
  try {
    raise(3);
  } catch (const Failure &outer) {
    try {
      raise(4);
    } catch (const Failure &inner) {
      printf("%s %d in %s %d\n", inner.what(), inner.code, outer.what(),
             outer.code);
    }
    printf("still %s %d\n", outer.what(), outer.code);
  }
}

struct Parts {
  Guard first{"first part"};
  Guard second{"second part"};
  explicit Parts(int kind) { raise(kind); }
};

static void construct() {
  try {
    Parts parts(4);
    puts("never");
  } catch (Failure failure) { // a copy, of the base
    printf("constructor: %s %d\n", failure.what(), failure.code);
  }
}

__attribute__((noinline)) static int parse(const char *text) {
  int value = 0;
  for (; *text; ++text) {
    if (*text < '0' || *text > '9')
      throw Failure(*text);
    value = value * 10 + (*text - '0');
  }
  return value;
}

static void repeat() {
  unsigned good = 0, bad = 0;
  char text[16];
  for (int i = 0; i < 20000; ++i) {
    snprintf(text, sizeof text, i % 3 ? "%d" : "%dx", i);
    try {
      good += static_cast<unsigned>(parse(text));
    } catch (const Failure &failure) {
      bad += static_cast<unsigned>(failure.code);
    }
  }
  printf("%u good, %u bad\n", good, bad);
}

int main() {
  for (int kind = 0; kind < 6; ++kind)
    tell(kind);
  rethrow(1);
  rethrow(3);
  rethrow(4);
  nest();
  construct();
  repeat();
  printf("%d alive\n", alive);
}
