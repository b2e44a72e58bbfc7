// Codecs of two sides against each other, and the numbers they go by.
#include <algorithm>
#include <array>
#include <string>

#include "sdp/detail/text.hpp"
#include "sdp/negotiate.hpp"

namespace lucid::sdp {
namespace {

std::vector<Feedback> common_feedback(const Codec& a, const Codec& b) {
  std::vector<Feedback> common = a.feedback;
  std::erase_if(common,
                [&](const Feedback& each) { return !b.has_feedback(each.type, each.parameter); });
  return common;
}

const Codec* find_match(const Codec& wanted, std::span<const Codec> of, std::span<const Codec> in) {
  const auto found =
      std::ranges::find_if(in, [&](const Codec& each) { return matches_in(wanted, of, each, in); });
  return found == in.end() ? nullptr : &*found;
}

// RFC 6184 8.2.2: the profile is the offer's. The level is ours when both sides allow different
// levels in the two directions, otherwise the lower one.
void answer_h264(Codec& codec, const Codec& offered) {
  const auto own = H264Profile::of(codec);
  const auto theirs = H264Profile::of(offered);
  if (!own || !theirs) return;
  const bool asymmetric = codec.parameters.number("level-asymmetry-allowed") == 1U &&
                          offered.parameters.number("level-asymmetry-allowed") == 1U;
  H264Profile answer = *theirs;
  if (asymmetric || is_lower_level(own->level, theirs->level)) answer.level = own->level;
  const bool said =
      codec.parameters.find("profile-level-id") || offered.parameters.find("profile-level-id");
  if (said) codec.parameters.set("profile-level-id", answer.text());
}

// Our codec in the words of the offer: its payload types, and ours where the two may differ.
Codec answer_codec(const Codec& supported, const Codec& offered) {
  Codec codec = supported;
  codec.payload_type = offered.payload_type;
  codec.name =
      offered.name;  // RFC 4855 3: names do not depend on case, and some peers think they do.
  codec.feedback = common_feedback(supported, offered);
  if (codec.is_rtx() || codec.is("red")) codec.parameters = offered.parameters;
  if (codec.is("H264")) answer_h264(codec, offered);
  return codec;
}

bool is_listed(std::span<const Codec> codecs, std::uint8_t payload_type) {
  return find_payload_type(codecs, payload_type) != nullptr;
}

}  // namespace

std::vector<NegotiatedCodec> negotiate(std::span<const Codec> local,
                                       std::span<const Codec> remote) {
  std::vector<NegotiatedCodec> out;
  for (const Codec& theirs : remote) {
    const auto ours = std::ranges::find_if(local, [&](const Codec& each) {
      const bool used = std::ranges::any_of(out, [&](const NegotiatedCodec& other) {
        return other.receive_payload_type == each.payload_type;
      });
      return !used && matches_in(each, local, theirs, remote);
    });
    if (ours == local.end()) continue;
    Codec codec = theirs;
    codec.feedback = common_feedback(*ours, theirs);
    out.push_back({std::move(codec), ours->payload_type, theirs.payload_type});
  }
  return out;
}

std::vector<Codec> answer_codecs(std::span<const Codec> supported, std::span<const Codec> offered,
                                 Order order) {
  std::vector<Codec> answer;
  if (order == Order::offer) {
    for (const Codec& theirs : offered) {
      const Codec* ours = find_match(theirs, offered, supported);
      if (ours != nullptr) answer.push_back(answer_codec(*ours, theirs));
    }
    return answer;
  }
  for (const Codec& ours : supported) {
    for (const Codec& theirs : offered) {
      if (is_listed(answer, theirs.payload_type)) continue;
      if (matches_in(ours, supported, theirs, offered))
        answer.push_back(answer_codec(ours, theirs));
    }
  }
  return answer;
}

std::span<const std::uint8_t> dynamic_payload_types() {
  static constexpr auto types = std::to_array<std::uint8_t>(
      {96,  102, 107, 108, 110, 111, 112, 113, 114, 115, 116, 117, 118,  // free of Firefox
       97,  98,  99,  100, 101, 103, 104, 105, 106, 109, 119, 120, 121, 122, 123, 124,
       125, 126, 127, 35,  36,  37,  38,  39,  40,  41,  42,  43,  44,  45,  46,  47,
       48,  49,  50,  51,  52,  53,  54,  55,  56,  57,  58,  59,  60,  61,  62,  63});
  return types;
}

void PayloadTypes::learn(std::span<const Codec> codecs) {
  // A number that already means something here keeps its meaning: the two sides may differ.
  const std::size_t known = taken_.size();
  for (const Codec& codec : codecs) {
    const std::span<const Codec> before{taken_.data(), known};
    if (is_listed(before, codec.payload_type) || find_match(codec, codecs, before) != nullptr)
      continue;
    taken_.push_back(codec);
  }
}

namespace {

std::optional<std::uint8_t> free_payload_type(std::span<const Codec> taken,
                                              std::span<const Codec> in_use, const Codec& codec) {
  const auto is_free = [&](std::uint8_t type) {
    return !is_listed(taken, type) && !is_listed(in_use, type);
  };
  const auto of_old = static_payload_type(codec);
  if (of_old && is_free(*of_old)) return of_old;
  const std::uint8_t preferred = codec.payload_type;
  const bool usable = (preferred >= 35 && preferred < 64) || (preferred >= 96 && preferred < 128);
  if (usable && is_free(preferred)) return preferred;
  const auto dynamic = dynamic_payload_types();
  const auto free = std::ranges::find_if(dynamic, is_free);
  return free == dynamic.end() ? std::nullopt : std::optional{*free};
}

// Which new number each old one got; 0 to 127.
using Renumbering = std::array<std::uint8_t, 256>;

// RFC 4588 8.6, RFC 2198 5: rtx and red name other payload types, which have new numbers now.
void follow(Codec& codec, const Renumbering& renumbered) {
  if (const auto apt = codec.apt()) {
    codec.parameters.set("apt", std::to_string(renumbered[*apt]));
  }
  if (!codec.is("red") || codec.parameters.empty()) return;
  std::string list;
  for (const std::string_view part : detail::split(codec.parameters.entries().front().name, '/')) {
    const auto type = detail::number<std::uint8_t>(part);
    if (!list.empty()) list.push_back('/');
    list.append(type ? std::to_string(renumbered[*type]) : std::string{part});
  }
  codec.parameters = Parameters::parse(list);
}

}  // namespace

bool PayloadTypes::assign(std::vector<Codec>& codecs) {
  const std::vector<Codec> wanted = codecs;
  Renumbering renumbered{};
  for (std::size_t i = 0; i < renumbered.size(); ++i) renumbered[i] = static_cast<std::uint8_t>(i);
  std::vector<Codec> in_use;
  for (std::size_t i = 0; i < codecs.size(); ++i) {
    const auto known = std::ranges::find_if(taken_, [&](const Codec& each) {
      return !is_listed(in_use, each.payload_type) && matches_in(wanted[i], wanted, each, taken_);
    });
    const auto type = known != taken_.end() ? std::optional{known->payload_type}
                                            : free_payload_type(taken_, in_use, wanted[i]);
    if (!type) return false;
    renumbered[wanted[i].payload_type] = *type;
    codecs[i].payload_type = *type;
    in_use.push_back(codecs[i]);
  }
  for (Codec& codec : codecs) {
    follow(codec, renumbered);
    if (!is_listed(taken_, codec.payload_type)) taken_.push_back(codec);
  }
  return true;
}

}  // namespace lucid::sdp
