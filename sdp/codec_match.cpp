// When two payload types mean one codec.
#include <algorithm>
#include <array>

#include "core/bytes.hpp"
#include "core/text.hpp"
#include "sdp/codec.hpp"
#include "sdp/detail/text.hpp"

namespace lucid::sdp {
namespace {

using Profile = H264Profile::Profile;

// RFC 6184 8.1, table 5: combinations of profile_idc and constraint flags that denote one profile.
struct Pattern {
  std::uint8_t profile_idc;
  std::uint8_t mask;   // which constraint flags count
  std::uint8_t flags;  // what they are
  Profile profile;
};
constexpr auto patterns = std::to_array<Pattern>({
    {0x42, 0x4F, 0x40, Profile::constrained_baseline},
    {0x4D, 0x8F, 0x80, Profile::constrained_baseline},
    {0x58, 0xCF, 0xC0, Profile::constrained_baseline},
    {0x42, 0x4F, 0x00, Profile::baseline},
    {0x58, 0xCF, 0x80, Profile::baseline},
    {0x4D, 0xAF, 0x00, Profile::main},
    {0x64, 0xFF, 0x00, Profile::high},
    {0x64, 0xFF, 0x0C, Profile::constrained_high},
    {0xF4, 0xFF, 0x00, Profile::predictive_high_444},
});
constexpr std::uint8_t constraint_set3 = 0x10;

bool is_below_high(Profile profile) {
  return profile == Profile::constrained_baseline || profile == Profile::baseline ||
         profile == Profile::main;
}

bool same_number(const Codec& a, const Codec& b, std::string_view name, std::uint64_t otherwise) {
  return a.parameters.number(name).value_or(otherwise) ==
         b.parameters.number(name).value_or(otherwise);
}

bool same_text(const Codec& a, const Codec& b, std::string_view name, std::string_view otherwise) {
  return core::equal_ignoring_case(a.parameters.find(name).value_or(otherwise),
                                   b.parameters.find(name).value_or(otherwise));
}

bool h264_matches(const Codec& a, const Codec& b) {
  // RFC 6184 8.2.2: profile and packetization-mode are one configuration and are used alike by both
  // sides; the level may be lowered in an answer.
  if (!same_number(a, b, "packetization-mode", 0)) return false;
  const auto profile_a = H264Profile::of(a);
  const auto profile_b = H264Profile::of(b);
  if (profile_a && profile_b) return profile_a->profile == profile_b->profile;
  return same_text(a, b, "profile-level-id", "");
}

bool h265_matches(const Codec& a, const Codec& b) {
  // RFC 7798 7.2.2: profile, tier and transmission mode are used alike by both sides.
  return same_number(a, b, "profile-id", 1) && same_number(a, b, "tier-flag", 0) &&
         same_text(a, b, "tx-mode", "SRST");
}

// RFC 2198 5: "111/111" carries payload type 111.
std::optional<std::uint8_t> red_payload(const Codec& red) {
  for (const auto& entry : red.parameters.entries()) {
    const std::string_view name{entry.name};
    if (const auto type = detail::number<std::uint8_t>(name.substr(0, name.find('/')))) return type;
  }
  return std::nullopt;
}

}  // namespace

std::optional<H264Profile> H264Profile::parse(std::string_view profile_level_id) {
  const auto bytes = core::from_hex(profile_level_id);
  if (!bytes || bytes->size() != 3 || profile_level_id.size() != 6) return std::nullopt;
  const std::uint8_t profile_idc = (*bytes)[0];
  const std::uint8_t flags = (*bytes)[1];
  const std::uint8_t level_idc = (*bytes)[2];
  for (const Pattern& pattern : patterns) {
    if (pattern.profile_idc != profile_idc || (flags & pattern.mask) != pattern.flags) continue;
    // RFC 6184 8.1: below High, level 11 with constraint_set3 is 1b; from High on it is 9.
    const bool below_high = is_below_high(pattern.profile);
    const bool is_1b =
        below_high ? level_idc == 11 && (flags & constraint_set3) != 0 : level_idc == 9;
    return H264Profile{pattern.profile, is_1b ? level_1b : level_idc};
  }
  return std::nullopt;
}

std::optional<H264Profile> H264Profile::of(const Codec& codec) {
  // RFC 6184 8.1: without the parameter it is the Baseline profile at level 1.
  return parse(codec.parameters.find("profile-level-id").value_or("42000A"));
}

std::string H264Profile::text() const {
  std::array<std::uint8_t, 3> bytes{};
  switch (profile) {
    case Profile::constrained_baseline:
      bytes = {0x42, 0xE0, level};
      break;
    case Profile::baseline:
      bytes = {0x42, 0x00, level};
      break;
    case Profile::main:
      bytes = {0x4D, 0x00, level};
      break;
    case Profile::constrained_high:
      bytes = {0x64, 0x0C, level};
      break;
    case Profile::high:
      bytes = {0x64, 0x00, level};
      break;
    case Profile::predictive_high_444:
      bytes = {0xF4, 0x00, level};
      break;
  }
  if (level == level_1b) {
    bytes[2] = is_below_high(profile) ? 11 : 9;
    if (is_below_high(profile)) bytes[1] |= constraint_set3;
  }
  return core::to_hex(bytes);
}

bool is_lower_level(std::uint8_t a, std::uint8_t b) {
  const auto rank = [](std::uint8_t level) {
    return level == H264Profile::level_1b ? 105 : level * 10;
  };
  return rank(a) < rank(b);
}

bool matches(const Codec& a, const Codec& b) {
  if (!a.is(b.name) || a.clock_rate != b.clock_rate || a.channels != b.channels) return false;
  if (a.is("H264")) return h264_matches(a, b);
  if (a.is("H265")) return h265_matches(a, b);
  // RFC 9628 6.1 and the AV1 payload specification 7.1: profile 0 when not said.
  if (a.is("VP9")) return same_number(a, b, "profile-id", 0);
  if (a.is("AV1")) return same_number(a, b, "profile", 0);
  // RFC 7587 7: every parameter of Opus is what its receiver would like. RFC 4733 2.4.1: events can
  // be a part of those offered.
  return true;
}

bool matches_in(const Codec& a, std::span<const Codec> codecs_a, const Codec& b,
                std::span<const Codec> codecs_b) {
  if (!matches(a, b)) return false;
  if (a.is_rtx()) {
    const auto apt_a = a.apt();
    const auto apt_b = b.apt();
    if (!apt_a || !apt_b) return false;
    const Codec* repaired_a = find_payload_type(codecs_a, *apt_a);
    const Codec* repaired_b = find_payload_type(codecs_b, *apt_b);
    return repaired_a != nullptr && repaired_b != nullptr && !repaired_a->is_rtx() &&
           !repaired_b->is_rtx() && matches_in(*repaired_a, codecs_a, *repaired_b, codecs_b);
  }
  if (a.is("red")) {
    const auto payload_a = red_payload(a);
    const auto payload_b = red_payload(b);
    if (!payload_a || !payload_b) return true;  // Video's RED does not say what it carries.
    const Codec* carried_a = find_payload_type(codecs_a, *payload_a);
    const Codec* carried_b = find_payload_type(codecs_b, *payload_b);
    return carried_a != nullptr && carried_b != nullptr && matches(*carried_a, *carried_b);
  }
  return true;
}

}  // namespace lucid::sdp
