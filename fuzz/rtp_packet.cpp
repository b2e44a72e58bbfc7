// What parses as RTP can be read through, extensions and all, and its header survives being
// rewritten.
#include "core/check.hpp"
#include "rtp/dependency_descriptor.hpp"
#include "rtp/extension_values.hpp"
#include "rtp/payload/red.hpp"
#include "rtp/video_layers_allocation.hpp"

namespace core = lucid::core;
namespace rtp = lucid::rtp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto packet = rtp::Packet::parse({data, size});
  if (!packet) return 0;
  rtp::HeaderWriter header{packet->header()};
  if (packet->csrc_count() > 0) header.add_csrc(packet->csrc(packet->csrc_count() - 1));
  rtp::DependencyReader dependencies;
  rtp::ExtensionElements elements{*packet};
  while (const auto element = elements.next()) {
    header.add_extension(element->id, element->value);
    for (std::size_t type = 0; type < rtp::extension_type_count; ++type) {
      rtp::ExtensionMap map;
      if (!map.add(element->id, static_cast<rtp::ExtensionType>(type))) continue;
      rtp::read<rtp::AudioLevel>(*packet, map);
      rtp::read<rtp::MixerAudioLevels>(*packet, map);
      rtp::read<rtp::TransportSequenceV2>(*packet, map);
      rtp::read<rtp::PlayoutDelay>(*packet, map);
      rtp::read<rtp::VideoLayersAllocation>(*packet, map);
    }
    dependencies.read(element->value);
  }
  rtp::RedPayload::parse(packet->payload());
  core::Pool pool;
  core::Buffer copy = pool.copy({data, size}, 400);
  rtp::replace_header(copy, *rtp::Packet::parse(copy), header);
  const auto again = rtp::Packet::parse(copy);
  core::check(again && again->header() == packet->header());
  core::check(core::equal(again->payload(), packet->payload()));
  return 0;
}
