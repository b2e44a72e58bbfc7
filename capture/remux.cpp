#include <cstdio>
#include <vector>

#include "capture/detail/av.hpp"

namespace lucid::capture::detail {

namespace {

// Copies all packets of one file into another; negative where that fails.
int copy_packets(AVFormatContext& from, AVFormatContext& to) {
  for (unsigned i = 0; i < from.nb_streams; ++i) {
    AVStream* stream = avformat_new_stream(&to, nullptr);
    if (stream == nullptr) return AVERROR(ENOMEM);
    avcodec_parameters_copy(stream->codecpar, from.streams[i]->codecpar);
    stream->codecpar->codec_tag = 0;
    if (stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO)
      stream->codecpar->format = AV_PIX_FMT_YUV420P;
    stream->time_base = from.streams[i]->time_base;
  }
  // Fragments do not say how long a packet lasts, and the last one of a track must have a length.
  struct Pace {
    std::int64_t last = AV_NOPTS_VALUE;
    std::int64_t step = 0;  // the shortest between two
  };
  std::vector<Pace> paces(from.nb_streams);
  int error = avformat_write_header(&to, nullptr);
  const Packet packet{av_packet_alloc()};
  while (error >= 0 && av_read_frame(&from, packet.get()) >= 0) {
    const auto index = static_cast<unsigned>(packet->stream_index);
    if (index >= paces.size()) {
      av_packet_unref(packet.get());
      continue;
    }
    Pace& pace = paces[index];
    const std::int64_t step = pace.last == AV_NOPTS_VALUE ? 0 : packet->dts - pace.last;
    if (step > 0 && (pace.step == 0 || step < pace.step)) pace.step = step;
    pace.last = packet->dts;
    if (packet->duration == 0) packet->duration = pace.step;
    av_packet_rescale_ts(packet.get(), from.streams[index]->time_base,
                         to.streams[index]->time_base);
    packet->pos = -1;
    error = av_interleaved_write_frame(&to, packet.get());
  }
  return error < 0 ? error : av_write_trailer(&to);
}

}  // namespace

bool settle_mp4(const std::string& path) {
  const std::string part = path + ".part";
  AVFormatContext* opened = nullptr;
  if (avformat_open_input(&opened, path.c_str(), nullptr, nullptr) < 0) return false;
  const Input from{opened};
  AVFormatContext* made = nullptr;
  if (avformat_alloc_output_context2(&made, nullptr, "mp4", part.c_str()) < 0) return false;
  Output to{made};
  made->avoid_negative_ts = AVFMT_AVOID_NEG_TS_MAKE_NON_NEGATIVE;
  made->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
  const bool whole = avio_open(&made->pb, part.c_str(), AVIO_FLAG_WRITE) >= 0 &&
                     copy_packets(*from, *to) >= 0 && avio_closep(&made->pb) >= 0;
  to.reset();
  if (whole && std::rename(part.c_str(), path.c_str()) == 0) return true;
  std::remove(part.c_str());
  return false;
}

}  // namespace lucid::capture::detail
