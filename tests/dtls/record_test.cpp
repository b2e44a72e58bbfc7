#include "dtls/record.hpp"

#include <gtest/gtest.h>

#include "dtls/alert.hpp"
#include "dtls/failure.hpp"

namespace lucid::dtls {
namespace {

std::vector<std::uint8_t> hex(std::string_view text) { return *core::from_hex(text); }

// RFC 6347 4.1
TEST(DtlsRecord, ReadsEachRecordOfADatagram) {
  const auto datagram = hex("16fefd0000000000000005 0001 aa  17fefd0001000000000009 0002 bbcc");
  core::ByteReader in{datagram};
  const auto first = next_record(in);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->type, ContentType::handshake);
  EXPECT_EQ(first->version, 0xFEFD);
  EXPECT_EQ(first->epoch, 0);
  EXPECT_EQ(first->sequence, 5U);
  EXPECT_EQ(core::to_hex(first->fragment), "aa");
  const auto second = next_record(in);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->epoch, 1);
  EXPECT_EQ(second->sequence, 9U);
  EXPECT_FALSE(next_record(in));
}

TEST(DtlsRecord, RefusesEveryTruncationAndOtherVersions) {
  const auto datagram = hex("16fefd00000000000000050003aabbcc");
  for (std::size_t size = 0; size < datagram.size(); ++size) {
    core::ByteReader in{core::Bytes{datagram}.first(size)};
    EXPECT_FALSE(next_record(in)) << size;
  }
  const auto tls = hex("1603030000000000000005 0000");
  core::ByteReader in{tls};
  EXPECT_FALSE(next_record(in));
}

// RFC 6347 4.2.2
TEST(DtlsRecord, ReadsPiecesOfHandshakeMessages) {
  const auto fragment = hex("0b 0002c0 0001 000114 000002 abcd");
  core::ByteReader in{fragment};
  const auto header = next_handshake(in);
  ASSERT_TRUE(header);
  EXPECT_EQ(handshake_name(header->type), "certificate");
  EXPECT_EQ(header->length, 704U);
  EXPECT_EQ(header->message_sequence, 1);
  EXPECT_EQ(header->fragment_offset, 276U);
  EXPECT_EQ(header->fragment_length, 2U);
  EXPECT_FALSE(next_handshake(in));
  const auto beyond = hex("0b 000002 0001 000001 000002 abcd");
  core::ByteReader out{beyond};
  EXPECT_FALSE(next_handshake(out));
}

// RFC 7983 7, RFC 9147 4
TEST(DtlsRecord, DescribesDatagramsForPeople) {
  EXPECT_EQ(describe(hex("16fefd0000000000000005 000e 0b 0002c0 0001 000114 000002 abcd"
                         "14fefd00000000000000060001 01 16fefd0001000000000000 0002 0000")),
            "certificate 276+2/704, change_cipher_spec, handshake (encrypted)");
  EXPECT_EQ(describe(hex("15fefd0000000000000005 0002 022a")), "fatal bad_certificate");
  EXPECT_EQ(describe(hex("2f010203")), "DTLS 1.3 record (encrypted)");
  EXPECT_EQ(describe(hex("80600001")), "not DTLS");
  EXPECT_EQ(describe({}), "");
  EXPECT_TRUE(is_dtls(hex("16")));
  EXPECT_FALSE(is_dtls(hex("13")));
  EXPECT_FALSE(is_dtls(hex("40")));
}

TEST(DtlsNames, EveryAlertAndFailureHasANameAndAMeaning) {
  for (const int value : {0, 10, 20, 40, 42, 45, 46, 48, 50, 70, 71, 80, 100, 116}) {
    EXPECT_NE(to_string(Alert{static_cast<std::uint8_t>(value)}), "unknown_alert") << value;
    EXPECT_FALSE(explain(Alert{static_cast<std::uint8_t>(value)}).empty());
  }
  EXPECT_EQ(to_string(Alert{200}), "unknown_alert");
  for (std::uint8_t value = 0; value <= static_cast<std::uint8_t>(FailureReason::protocol_error);
       ++value) {
    const FailureReason reason{value};
    EXPECT_FALSE(to_string(reason).empty());
    EXPECT_FALSE(explain(reason).empty());
    EXPECT_FALSE(next_step(reason).empty());
  }
}

}  // namespace
}  // namespace lucid::dtls
