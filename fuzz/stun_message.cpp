// Whatever parses can be walked, described and checked without a fault, and what is rebuilt from
// its attributes parses to the same ones.
#include <cstdint>

#include "core/check.hpp"
#include "stun/builder.hpp"
#include "stun/describe.hpp"
#include "stun/long_term.hpp"

using namespace lucid;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = stun::Message::parse({data, size});
  if (!message) return 0;
  const stun::Key key = stun::Key::short_term("VOkJxbRl1RmTxUk/WvJxBt");
  static_cast<void>(to_json(*message, &key, "fuzz"));
  static_cast<void>(to_text(*message, &key));
  static_cast<void>(message->mapped_address());
  stun::LongTerm credentials{"user", "password"};
  static_cast<void>(credentials.challenge(*message));

  core::Pool pool;
  stun::Builder out{pool, message->message_class(), message->method(), message->transaction(),
                    size};
  for (const stun::Attribute attribute : message->attributes()) {
    out.bytes(attribute.type, attribute.value);
  }
  core::check(out.ok());
  const core::Buffer rebuilt = std::move(out).finish();
  const auto again = stun::Message::parse(rebuilt);
  core::check(again.has_value() && rebuilt.size() == size);
  auto other = again->attributes().begin();
  for (const stun::Attribute attribute : message->attributes()) {
    core::check((*other).type == attribute.type && core::equal((*other).value, attribute.value));
    ++other;
  }
  return 0;
}
