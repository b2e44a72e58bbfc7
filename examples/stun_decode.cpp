// Takes STUN messages apart: every field, and whether integrity and fingerprint hold.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "core/capture_file.hpp"
#include "glass/options.hpp"
#include "stun/describe.hpp"

using namespace lucid;

namespace {

constexpr auto usage =
    R"(stun_decode [--password P | --long-term USER:REALM:PASSWORD] [--json] HEX|FILE...
A FILE holds one message, or is a capture (pcap, pcapng). Exit status 1 when a message or a value is malformed.
)";

struct Wanted {
  std::optional<std::string> password{};
  std::vector<std::string> long_term{};  // user, realm, password
  bool json = false;
};

std::optional<stun::Key> key_for(const stun::Message& message, const Wanted& wanted) {
  if (wanted.password) return stun::Key::short_term(*wanted.password);
  if (wanted.long_term.empty()) return std::nullopt;
  const auto algorithm = message.u32(stun::AttributeType::password_algorithm);  // RFC 8489 14.12
  return stun::Key::long_term(
      wanted.long_term[0], wanted.long_term[1], wanted.long_term[2],
      algorithm == 0x00020000U ? stun::PasswordAlgorithm::sha256 : stun::PasswordAlgorithm::md5);
}

// At the first two colons: a password may hold more.
std::vector<std::string> split(const std::string& text) {
  const std::size_t realm = text.find(':') + 1;
  const std::size_t password = text.find(':', realm) + 1;
  if (realm == 0 || password == 0) return {};
  return {text.substr(0, realm - 1), text.substr(realm, password - 1 - realm),
          text.substr(password)};
}

// Returns whether the bytes are a message, and its attributes what their types say.
bool show(core::Bytes bytes, const std::string& source, const Wanted& wanted) {
  const auto message = stun::Message::parse(bytes);
  if (!message) {
    const std::string text = source + ": malformed: " + std::string{to_string(message.error())};
    std::printf("%s\n", (wanted.json ? to_json(message.error(), source) : text).c_str());
    return false;
  }
  const auto key = key_for(*message, wanted);
  const auto* known = key ? &*key : nullptr;
  std::printf("%s\n", wanted.json ? to_json(*message, known, source).c_str()
                                  : (source + ": " + to_text(*message, known)).c_str());
  return !first_malformed(*message);
}

bool show_argument(const std::string& argument, const Wanted& wanted) {
  std::ifstream file{argument, std::ios::binary};
  if (!file) {
    if (const auto bytes = core::from_hex(argument)) return show(*bytes, "hex", wanted);
    return glass::complain(argument + " is neither a file nor hex") == 0;
  }
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const core::Bytes bytes = core::as_bytes(text);
  if (!core::is_capture(bytes)) return show(bytes, argument, wanted);
  const auto packets = core::read_capture(bytes);
  if (!packets) return glass::complain(std::string{to_string(packets.error())}) == 0;
  bool ok = true;
  for (const core::CapturedPacket& packet : *packets) {
    const core::Bytes payload = packet.payload;
    if (stun::looks_like_stun(payload)) ok = show(payload, packet.path.text(), wanted) && ok;
  }
  return ok;
}

}  // namespace

int main(int argc, char** argv) {
  auto options = glass::Options::parse(argc, argv);
  if (!options || options->help) return glass::usage(options, usage);
  Wanted wanted{.password = options->value("--password"), .json = options->json};
  if (const auto long_term = options->value("--long-term")) {
    wanted.long_term = split(*long_term);
    if (wanted.long_term.empty()) return glass::complain("want USER:REALM:PASSWORD");
  }
  bool ok = !options->rest.empty();
  for (const std::string& argument : options->rest) ok = show_argument(argument, wanted) && ok;
  return ok ? 0 : 1;
}
