// Protects RTP or RTCP packets given in hexadecimal, or opens protected ones (RFC 3711, RFC 7714).
#include <charconv>
#include <cstdio>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "srtp/session.hpp"

using namespace lucid;

constexpr auto usage = R"(srtp_protect --profile NAME --key HEX --salt HEX [OPTION...] PACKET_HEX...
Prints each packet as it goes over the wire, or the reason why it is refused; exit status 1 if one is.
  --profile NAME   AEAD_AES_128_GCM, AEAD_AES_256_GCM, AES128_CM_SHA1_80, AES128_CM_SHA1_32,
                   AES192_CM_..., AES256_CM_...; the names of SDES too
  --key, --salt    the master key and master salt
  --unprotect      the packets are protected: open them
  --rtcp           they are RTCP, not RTP
  --roc N          the rollover counter that each RTP stream begins with
  --engine NAME    openssl (ours, on OpenSSL's ciphers) or libsrtp2
  --json           one JSON object a packet
)";

struct Options {
  srtp::Session::Config config;
  bool named = false, unprotect = false, rtcp = false, json = false, help = false;
  std::optional<std::uint32_t> rollover_counter;
  std::vector<std::vector<std::uint8_t>> packets;
};

// Takes one option, with its value where it has one: how many words, or 0 if it is not understood.
int take(Options& options, std::string_view name, std::string_view value) {
  auto& [config, named, unprotect, rtcp, json, help, counter, packets] = options;
  if (name == "--unprotect") return unprotect = true, 1;
  if (name == "--rtcp") return rtcp = true, 1;
  if (name == "--json") return json = true, 1;
  if (name == "--help") return help = true, 1;
  const auto bytes = core::from_hex(name.starts_with("--") ? value : name);
  if (!name.starts_with("--")) return bytes ? packets.push_back(*bytes), 1 : 0;
  if (name == "--key" && bytes) return config.local.key = *bytes, 2;
  if (name == "--salt" && bytes) return config.local.salt = *bytes, 2;
  if (name == "--roc") {
    const char* const end = value.data() + value.size();
    const auto parsed = std::from_chars(value.data(), end, counter.emplace());
    return parsed.ec == std::errc{} && parsed.ptr == end ? 2 : 0;
  }
  if (name == "--profile") {
    const auto profile = srtp::profile_from_name(value);
    config.profile = profile.value_or(config.profile);
    return (named = profile.has_value()) ? 2 : 0;
  }
  if (value == "libsrtp2") config.engine = srtp::EngineKind::libsrtp2;
  return name == "--engine" && (value == "libsrtp2" || value == "openssl") ? 2 : 0;
}

bool run(srtp::Session& session, const Options& options, core::Bytes packet) {
  std::vector<std::uint8_t> room(packet.size() + 32);
  const auto result = options.unprotect ? options.rtcp ? session.unprotect_rtcp(packet, room)
                                                       : session.unprotect_rtp(packet, room)
                      : options.rtcp ? session.protect_rtcp(packet, room)
                                        : session.protect_rtp(packet, room);
  const std::string text = result ? core::to_hex(*result) : std::string{to_string(result.error())};
  const char* const format = options.json
                                 ? result ? "{\"packet\":\"%s\"}\n" : "{\"refused\":\"%s\"}\n"
                             : result ? "%s\n"
                                      : "refused: %s\n";
  std::printf(format, text.c_str());
  return result.has_value();
}

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc;) {
    const int words = take(options, argv[i], i + 1 < argc ? argv[i + 1] : "");
    if (words == 0)
      return std::fprintf(stderr, "srtp_protect: what is '%s'? See --help.\n", argv[i]), 2;
    i += words;
  }
  if (options.help) return std::fputs(usage, stdout), 0;
  if (!options.named || options.packets.empty()) return std::fputs(usage, stderr), 2;
  options.config.remote = options.config.local;
  auto session = srtp::Session::create(options.config);
  if (!session) {
    return std::fprintf(stderr, "srtp_protect: %s\n", to_string(session.error()).data()), 2;
  }
  const auto way = options.unprotect ? srtp::Direction::receive : srtp::Direction::send;
  bool all = true;
  std::set<std::uint32_t> known;
  for (const auto& packet : options.packets) {
    core::ByteReader in{packet};
    in.skip(8);
    const std::uint32_t ssrc = in.u32();
    if (options.rollover_counter && !options.rtcp && in.ok() && known.insert(ssrc).second) {
      session->set_rollover_counter(way, ssrc, *options.rollover_counter);
    }
    all = run(*session, options, packet) && all;
  }
  return all ? 0 : 1;
}
