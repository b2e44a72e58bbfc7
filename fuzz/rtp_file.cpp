// Files of packets and of frames are read without harm, and packets survive being written.
#include "core/check.hpp"
#include "rtp/file/capture.hpp"

namespace core = lucid::core;
namespace file = lucid::rtp::file;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto media = file::read_media({data, size});
  if (media) core::check(file::write_media(*media).has_value());
  const auto records = file::read_capture({data, size});
  if (!records || records->empty()) return 0;
  for (const auto& record : *records) {
    if (record.datagram.size() > 60'000) return 0;
  }
  const auto dump = file::write_rtpdump(*records);
  const auto again = file::read_capture(dump);
  core::check(again && again->size() == records->size());
  const auto pcap = file::write_pcap(*records);
  const auto from_pcap = file::read_capture(pcap);
  core::check(from_pcap && from_pcap->size() == records->size());
  for (std::size_t i = 0; i < records->size(); ++i) {
    core::check(core::equal((*from_pcap)[i].datagram, (*records)[i].datagram));
  }
  return 0;
}
