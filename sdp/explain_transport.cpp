// Words for ICE, DTLS, SCTP, grouping and candidates.
#include <array>

#include "sdp/detail/describe.hpp"
#include "sdp/explain.hpp"
#include "sdp/transport.hpp"

namespace lucid::sdp {
namespace {

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out.append(out.empty() ? "" : ", ").append(word);
  return out;
}

std::string describe_group(const Group& group) {
  const std::string mids = join(group.mids);
  if (group.semantics == "BUNDLE") {
    return "sections " + mids + " share one transport, that of the first of them (RFC 9143)";
  }
  if (group.semantics == "LS") return "sections " + mids + " are played in sync (RFC 5888 7)";
  return "sections " + mids + " belong together as " + group.semantics;
}

std::string describe_setup(const Setup& setup) {
  switch (setup.role) {
    case Role::active:
      return "DTLS: this side sends the ClientHello (RFC 8842 5)";
    case Role::passive:
      return "DTLS: this side waits for the ClientHello (RFC 8842 5)";
    case Role::actpass:
      return "DTLS: whoever answers chooses who is the client (RFC 8842 5)";
    case Role::holdconn:
      return "no connection for now: not a DTLS role (RFC 4145 4)";
  }
  return {};
}

std::string describe_options(const IceOptions& options) {
  std::string out = "ICE options " + join(options.tags);
  if (options.has("trickle")) out.append("; candidates may follow later (RFC 8838)");
  if (options.has("ice2")) out.append("; ICE of RFC 8445");
  if (options.has("renomination")) out.append("; a pair may be nominated again");
  return out;
}

std::string describe_fingerprint(const Fingerprint& fingerprint) {
  return "the certificate's " + fingerprint.hash +
         " hash: the one that comes in the DTLS handshake must have it (RFC 8122 5)";
}

std::string describe_size(const MaxMessageSize& size) {
  if (size.bytes == 0) return "data channel messages of any size are taken (RFC 8841 6)";
  return "data channel messages of up to " + std::to_string(size.bytes) +
         " bytes are taken (RFC 8841 6)";
}

template <Field T, class Words>
bool describe_as(const Line& line, std::string& out, Words words) {
  if (line.key() != T::key) return false;
  if (const auto field = T::parse(line.value())) out = words(*field);
  return true;
}

std::string describe_flag(std::string_view key) {
  struct Flag {
    std::string_view key;
    std::string_view words;
  };
  constexpr std::array flags{
      Flag{"a=ice-lite", "this side answers checks and makes none (RFC 8839 5.3)"},
      Flag{"a=end-of-candidates", "no more candidates of this section will follow (RFC 8840)"},
      Flag{"a=bundle-only", "take this section in the bundle or not at all (RFC 9143 6)"},
      Flag{"a=ice-mismatch",
           "the offer's default address fits none of its candidates (RFC 8839 5.3)"},
      Flag{"a=ice-pacing", "milliseconds between two checks (RFC 8839 5.5)"},
      Flag{"a=msid-semantic", "of an older draft: how a=msid is meant"},
      Flag{"a=crypto", "an SRTP key in clear text, which WebRTC forbids (RFC 8827 6.5)"},
      Flag{"a=connection", "a new or an existing connection: of no use to ICE (RFC 4145 5)"},
      Flag{"a=identity", "who vouches for the identity of this side (RFC 8827 5)"},
  };
  for (const Flag& flag : flags) {
    if (flag.key == key) return std::string{flag.words};
  }
  return {};
}

}  // namespace

namespace detail {

std::string describe_transport(const Line& line) {
  std::string out;
  const bool known =
      describe_as<Mid>(
          line, out,
          [](const Mid& mid) { return "this section is called " + mid.id + " (RFC 5888 4)"; }) ||
      describe_as<Group>(line, out, describe_group) ||
      describe_as<Setup>(line, out, describe_setup) ||
      describe_as<IceOptions>(line, out, describe_options) ||
      describe_as<Fingerprint>(line, out, describe_fingerprint) ||
      describe_as<MaxMessageSize>(line, out, describe_size) ||
      describe_as<IceUfrag>(
          line, out,
          [](const IceUfrag&) {
            return "ICE: the name in checks to this side; a new one restarts (RFC 8839 5.4)";
          }) ||
      describe_as<IcePwd>(
          line, out,
          [](const IcePwd&) {
            return "ICE: the key that checks to this side are signed with (RFC 8839 5.4)";
          }) ||
      describe_as<TlsId>(
          line, out,
          [](const TlsId&) {
            return "names the DTLS association: a new one asks for a new handshake (RFC 8842 4)";
          }) ||
      describe_as<SctpPort>(line, out,
                            [](const SctpPort& each) {
                              return "SCTP runs on port " + std::to_string(each.port) +
                                     " within DTLS (RFC 8841 5)";
                            }) ||
      describe_as<Sctpmap>(line, out,
                           [](const Sctpmap& each) {
                             return "SCTP port " + std::to_string(each.port) +
                                    ", as older drafts of RFC 8841 wrote it";
                           }) ||
      describe_as<Rtcp>(
          line, out,
          [](const Rtcp&) { return "where RTCP would go without rtcp-mux (RFC 3605)"; }) ||
      describe_as<Candidate>(line, out, [](const Candidate& candidate) {
        std::string words;
        for (const std::string& sentence : explain(candidate)) {
          words.append(words.empty() ? "" : "; ").append(sentence);
        }
        return words;
      });
  return known ? out : describe_flag(line.key());
}

}  // namespace detail

namespace {

std::string describe_type(const Candidate& candidate) {
  switch (candidate.type()) {
    case Candidate::Type::host:
      return "a host candidate: an address of an interface of this host (RFC 8445 5.1.1.1)";
    case Candidate::Type::srflx:
      return "a server-reflexive candidate: the address that a STUN server saw, outside of the NAT "
             "(RFC 8445 5.1.1.2)";
    case Candidate::Type::prflx:
      return "a peer-reflexive candidate: the address that the peer saw in a check (RFC 8445 "
             "7.2.5.3.1)";
    case Candidate::Type::relay:
      return "a relayed candidate: an address of a TURN server, which forwards (RFC 8445 5.1.1.2)";
    case Candidate::Type::other:
      return "a candidate of the unknown type " + candidate.type_name;
  }
  return {};
}

std::string describe_address(const Candidate& candidate) {
  std::string out = "reached by " + candidate.transport + " at " + candidate.address + " port " +
                    std::to_string(candidate.port);
  const auto ip = candidate.ip();
  if (!ip) {
    return out + (core::is_mdns_name(candidate.address)
                      ? ", an mDNS name in place of an address that is kept private "
                        "(draft-ietf-mmusic-mdns-ice-candidates)"
                      : ", a name that has to be resolved");
  }
  out.append(ip->family() == core::Family::v4 ? ", an IPv4 address" : ", an IPv6 address");
  if (ip->is_loopback()) out.append(" of this host alone");
  if (ip->is_private()) out.append(" of a private network");
  if (ip->is_link_local()) out.append(" of this link alone");
  if (const auto tcp = candidate.tcptype()) {
    out.append("; TCP ").append(to_string(*tcp)).append(" (RFC 6544 4.5)");
  }
  return out;
}

// RFC 8445 5.1.2.1: priority = 2^24 * type preference + 2^8 * local preference + (256 - component).
std::string describe_priority(const Candidate& candidate) {
  const std::uint32_t type = candidate.priority >> 24;
  const std::uint32_t local = (candidate.priority >> 8) & 0xFFFF;
  const std::uint32_t component = 256 - (candidate.priority & 0xFF);
  std::string out = "priority " + std::to_string(candidate.priority) + ": type preference " +
                    std::to_string(type) + ", local preference " + std::to_string(local) +
                    ", component " + std::to_string(component) + " (RFC 8445 5.1.2.1)";
  if (type > 126) out.append("; the type preference is above 126");
  if (component != candidate.component) out.append("; it was not made by the formula");
  return out;
}

std::string describe_extension(const Candidate::Extension& extension) {
  struct Known {
    std::string_view name;
    std::string_view words;
  };
  constexpr std::array known{
      Known{"generation", "how many ICE restarts came before"},
      Known{"ufrag", "belongs to the description with this ICE ufrag"},
      Known{"network-id", "which interface, numbered by Chromium"},
      Known{"network-cost",
            "Chromium's cost of the network: 0 wired, 10 Wi-Fi, 900 cellular, 999 unknown"},
      Known{"tcptype", "who opens the TCP connection (RFC 6544 4.5)"},
  };
  std::string out = extension.name + ' ' + extension.value;
  for (const Known& each : known) {
    if (each.name == extension.name) return out.append(": ").append(each.words);
  }
  return out.append(": an extension that this reader keeps and does not know");
}

}  // namespace

std::vector<std::string> explain(const Candidate& candidate) {
  std::vector<std::string> out;
  out.push_back(describe_type(candidate));
  out.push_back(describe_address(candidate));
  if (candidate.related_address) {
    const std::string related =
        *candidate.related_address + " port " + std::to_string(candidate.related_port.value_or(0));
    out.push_back(candidate.type() == Candidate::Type::relay
                      ? "the TURN server saw this host as " + related
                      : "it belongs to the local address " + related);
  }
  out.push_back(
      "component " + std::to_string(candidate.component) +
      (candidate.component == 1 ? ": RTP and everything that shares its port" : ": RTCP"));
  out.push_back(
      "foundation " + candidate.foundation +
      ": the same for candidates of one type, base, protocol and server (RFC 8445 5.1.1.3)");
  out.push_back(describe_priority(candidate));
  for (const auto& extension : candidate.extensions) out.push_back(describe_extension(extension));
  return out;
}

}  // namespace lucid::sdp
