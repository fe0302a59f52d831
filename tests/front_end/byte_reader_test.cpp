// The overflow rules of LEB128, and UTF-8.
#include "compiler/wasm/byte_reader.h"

#include "gtest/gtest.h"

using namespace wasmetal;

using Bytes = std::vector<uint8_t>;

static std::string errorOfU32(const Bytes &bytes) {
  ByteReader in(bytes, 0);
  in.readU32();
  return in.firstError().message();
}

static std::string errorOfS32(const Bytes &bytes) {
  ByteReader in(bytes, 0);
  in.readS32();
  return in.firstError().message();
}

static std::string errorOfS64(const Bytes &bytes) {
  ByteReader in(bytes, 0);
  in.readS64();
  return in.firstError().message();
}

TEST(ByteReader, ReadsUnsignedIntegers) {
  Bytes bytes = {0x00, 0x7f, 0x80, 0x01, 0xff, 0xff, 0xff, 0xff, 0x0f};
  ByteReader in(bytes, 0);
  EXPECT_EQ(in.readU32(), 0u);
  EXPECT_EQ(in.readU32(), 127u);
  EXPECT_EQ(in.readU32(), 128u);
  EXPECT_EQ(in.readU32(), UINT32_MAX);
  EXPECT_TRUE(in.atEnd());
  EXPECT_FALSE(in.failed());
}

TEST(ByteReader, ReadsSignedIntegers) {
  Bytes bytes = {0x7f, 0x3f, 0x40, 0x80, 0x80, 0x80, 0x80, 0x78,
                 0xff, 0xff, 0xff, 0xff, 0x07, 0x80, 0x7f};
  ByteReader in(bytes, 0);
  EXPECT_EQ(in.readS32(), -1);
  EXPECT_EQ(in.readS32(), 63);
  EXPECT_EQ(in.readS32(), -64);
  EXPECT_EQ(in.readS32(), INT32_MIN);
  EXPECT_EQ(in.readS32(), INT32_MAX);
  EXPECT_EQ(in.readS32(), -128);
  EXPECT_FALSE(in.failed());
}

TEST(ByteReader, ReadsTheExtremesOf64Bits) {
  Bytes bytes = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f,
                 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00,
                 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
  ByteReader in(bytes, 0);
  EXPECT_EQ(in.readS64(), INT64_MIN);
  EXPECT_EQ(in.readS64(), INT64_MAX);
  EXPECT_EQ(in.readU64(), UINT64_MAX);
  EXPECT_FALSE(in.failed());
}

TEST(ByteReader, AcceptsPaddedIntegersWithinTheirLength) {
  Bytes bytes = {0x80, 0x80, 0x80, 0x80, 0x00};
  ByteReader in(bytes, 0);
  EXPECT_EQ(in.readU32(), 0u);
  EXPECT_FALSE(in.failed());
}

TEST(ByteReader, RejectsIntegersThatAreTooLong) {
  EXPECT_EQ(errorOfU32({0x80, 0x80, 0x80, 0x80, 0x80, 0x00}),
            "integer representation too long");
  EXPECT_EQ(errorOfS32({0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}),
            "integer representation too long");
}

TEST(ByteReader, RejectsIntegersThatAreTooLarge) {
  EXPECT_EQ(errorOfU32({0x80, 0x80, 0x80, 0x80, 0x10}), "integer too large");
  EXPECT_EQ(errorOfS32({0xff, 0xff, 0xff, 0xff, 0x0f}), "integer too large");
  EXPECT_EQ(errorOfS32({0x80, 0x80, 0x80, 0x80, 0x70}), "integer too large");
  EXPECT_EQ(
      errorOfS64({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}),
      "integer too large");
}

TEST(ByteReader, LatchesTheFirstErrorWithItsOffset) {
  Bytes bytes = {0x80};
  ByteReader in(bytes, 0x100);
  in.readU32();
  in.readByte();
  in.readName();
  EXPECT_EQ(in.firstError().message(), "unexpected end");
  EXPECT_EQ(in.firstError().offset(), 0x101u);
}

TEST(ByteReader, RejectsCountsThatTheBytesCannotHold) {
  Bytes bytes = {0x03, 0x00, 0x00};
  ByteReader in(bytes, 0);
  EXPECT_EQ(in.readCount(), 0u);
  EXPECT_TRUE(in.failed());
}

TEST(ByteReader, RejectsNamesThatAreNotUtf8) {
  for (const Bytes &name :
       {Bytes{0x01, 0x80}, Bytes{0x02, 0xc0, 0x80},
        Bytes{0x03, 0xed, 0xa0, 0x80}, Bytes{0x04, 0xf4, 0x90, 0x80, 0x80}}) {
    ByteReader in(name, 0);
    in.readName();
    EXPECT_EQ(in.firstError().message(), "malformed UTF-8 encoding");
  }
}
