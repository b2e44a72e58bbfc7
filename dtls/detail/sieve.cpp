#include "dtls/detail/sieve.hpp"

#include "dtls/alert.hpp"
#include "dtls/record.hpp"

namespace lucid::dtls::detail {

namespace {

// RFC 5246 7.2.2: of the warnings only close_notify asks for something.
bool is_idle_warning(const Record& record) {
  constexpr std::uint8_t warning = 1;
  return record.epoch == 0 && record.type == ContentType::alert && record.fragment.size() == 2 &&
         record.fragment[0] == warning && Alert{record.fragment[1]} != Alert::close_notify;
}

bool can_be(const Record& record, std::size_t smallest_cipher_text) {
  switch (record.type) {
    case ContentType::change_cipher_spec:
    case ContentType::alert:
    case ContentType::handshake:
      return record.epoch == 0 || record.fragment.size() >= smallest_cipher_text;
    case ContentType::application_data:
      return record.epoch > 0 && record.fragment.size() >= smallest_cipher_text;
  }
  return false;
}

}  // namespace

Sifted sift(core::Bytes datagram, std::size_t smallest_cipher_text) {
  Sifted out;
  core::ByteReader in{datagram};
  while (in.remaining() > 0) {
    const std::optional<Record> record = next_record(in);
    if (!record || !can_be(*record, smallest_cipher_text) || is_idle_warning(*record)) {
      out.cut = true;
      break;
    }
    if (record->epoch > 0) ++out.encrypted;
    out.sound = datagram.first(in.position());
  }
  return out;
}

}  // namespace lucid::dtls::detail
