#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "capture/detail/av.hpp"
#include "capture/sink.hpp"
#include "core/bytes.hpp"

namespace lucid::capture {

namespace {

constexpr AVRational milliseconds{1, 1000};

AVCodecID id_of(core::Codec codec) {
  switch (codec) {
    case core::Codec::vp8:
      return AV_CODEC_ID_VP8;
    case core::Codec::vp9:
      return AV_CODEC_ID_VP9;
    case core::Codec::h264:
      return AV_CODEC_ID_H264;
    case core::Codec::h265:
      return AV_CODEC_ID_HEVC;
    case core::Codec::av1:
      return AV_CODEC_ID_AV1;
    case core::Codec::opus:
      return AV_CODEC_ID_OPUS;
    case core::Codec::g722:
      return AV_CODEC_ID_ADPCM_G722;
    case core::Codec::pcmu:
      return AV_CODEC_ID_PCM_MULAW;
    case core::Codec::pcma:
      return AV_CODEC_ID_PCM_ALAW;
    case core::Codec::telephone_event:
      return AV_CODEC_ID_NONE;
  }
  return AV_CODEC_ID_NONE;
}

int rate_of(core::Codec codec) {
  return codec == core::Codec::opus ? 48'000 : codec == core::Codec::g722 ? 16'000 : 8'000;
}

// RFC 7845 5.1: the header that containers want in front of Opus packets.
std::array<std::uint8_t, 19> opus_head(std::uint8_t channels) {
  return {'O', 'p', 'u', 's', 'H', 'e', 'a', 'd', 1, channels, 0, 0, 0x80, 0xBB, 0, 0, 0, 0, 0};
}

bool set_extradata(AVCodecParameters& parameters, core::Bytes bytes) {
  parameters.extradata =
      static_cast<std::uint8_t*>(av_mallocz(bytes.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  if (parameters.extradata == nullptr) return false;
  std::memcpy(parameters.extradata, bytes.data(), bytes.size());
  parameters.extradata_size = static_cast<int>(bytes.size());
  return true;
}

// H.264, H.265: the parameter sets in front of the first picture; AV1: its sequence header. Muxers
// read both from the key frame itself when it is given whole.
bool wants_key_frame(core::Codec codec) {
  return codec == core::Codec::h264 || codec == core::Codec::h265 || codec == core::Codec::av1;
}

class AvRecorder final : public Recorder {
 public:
  explicit AvRecorder(const Tracks& tracks) : tracks_{tracks} {}
  ~AvRecorder() override { close(); }

  int open(const std::string& path) {
    av_log_set_level(AV_LOG_QUIET);
    AVFormatContext* context = nullptr;
    int error = avformat_alloc_output_context2(&context, nullptr, nullptr, path.c_str());
    if (error < 0) return error;
    output_.reset(context);
    path_ = path;
    parties_.resize(tracks_.parties);
    for (Party& party : parties_) {
      if (tracks_.video) party.video.stream = add_track(*tracks_.video);
      if (tracks_.audio) party.audio.stream = add_track(*tracks_.audio);
    }
    error = avio_open(&context->pb, path.c_str(), AVIO_FLAG_WRITE);
    if (error < 0) return error;
    context->flags |= AVFMT_FLAG_FLUSH_PACKETS;
    // A track in which nothing comes does not hold back the others, nor what a crash leaves.
    context->max_interleave_delta = 1'000'000;
    // Times count from the start of the recording, not from the first packet.
    context->avoid_negative_ts = AVFMT_AVOID_NEG_TS_MAKE_NON_NEGATIVE;
    // Opus in MP4 counts as experimental in this FFmpeg; every player knows it by now.
    context->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
    // Without video that needs its first key frame the file can begin at once.
    if (!tracks_.video || !wants_key_frame(*tracks_.video)) return begin();
    return 0;
  }

  bool write(const core::EncodedFrame& frame, core::Duration at, std::size_t party) override {
    if (party >= parties_.size()) return !closed_;
    const bool video = core::kind_of(frame.codec) == core::MediaKind::video;
    Track& track = video ? parties_[party].video : parties_[party].audio;
    if (closed_ || track.stream == nullptr || frame.data.empty()) return !closed_;
    if (video && frame.key && !begun_ && !track.described) {
      if (!set_extradata(*track.stream->codecpar, frame.data)) return false;
      track.described = true;
    }
    if (!begun_ && !all_described()) return true;
    if (!begun_ && begin() < 0) return false;
    if (video && !track.seen_key && !frame.key) return true;
    track.seen_key = true;
    detail::Packet packet{av_packet_alloc()};
    if (av_new_packet(packet.get(), static_cast<int>(frame.data.size())) != 0) return false;
    std::memcpy(packet->data, frame.data.data(), frame.data.size());
    packet->stream_index = track.stream->index;
    const AVRational unit = track.stream->time_base;
    // Muxers want rising times, and two frames may have come within one tick.
    track.last = std::max(track.last + 1, av_rescale_q(at.count(), {1, 1'000'000}, unit));
    packet->pts = packet->dts = track.last;
    if (frame.duration) {
      packet->duration = av_rescale_q(frame.duration->count(), {1, 1'000'000}, unit);
    }
    if (frame.key) packet->flags |= AV_PKT_FLAG_KEY;
    return av_interleaved_write_frame(output_.get(), packet.get()) >= 0;
  }

  bool close() override {
    if (closed_) return true;
    closed_ = true;
    const bool ok = !begun_ || av_write_trailer(output_.get()) >= 0;
    const bool in_fragments = begun_ && std::string_view{output_->oformat->name} == "mp4";
    output_.reset();
    // What cannot be written anew stays in fragments and plays, too.
    if (ok && in_fragments) (void)detail::settle_mp4(path_);
    return ok;
  }

 private:
  AVStream* add_track(core::Codec codec) {
    AVStream* stream = avformat_new_stream(output_.get(), nullptr);
    AVCodecParameters& parameters = *stream->codecpar;
    parameters.codec_id = id_of(codec);
    if (core::kind_of(codec) == core::MediaKind::video) {
      parameters.codec_type = AVMEDIA_TYPE_VIDEO;
      parameters.width = tracks_.width;
      parameters.height = tracks_.height;
      parameters.format = AV_PIX_FMT_YUV420P;  // VP9 in MP4 has it in its header
      stream->time_base = milliseconds;
    } else {
      parameters.codec_type = AVMEDIA_TYPE_AUDIO;
      parameters.sample_rate = rate_of(codec);
      av_channel_layout_default(&parameters.ch_layout, tracks_.channels);
      stream->time_base = {1, parameters.sample_rate};
      if (codec == core::Codec::opus) set_extradata(parameters, opus_head(tracks_.channels));
      if (codec == core::Codec::pcmu || codec == core::Codec::pcma)
        parameters.bits_per_coded_sample = 8;
    }
    return stream;
  }

  int begin() {
    AVDictionary* options = nullptr;
    av_dict_set(&options, "cluster_time_limit", "1000", 0);
    av_dict_set(&options, "flush_packets", "1", 0);
    // frag_discont: a track that begins late keeps its place, where it would move to the start.
    av_dict_set(&options, "movflags", "frag_keyframe+empty_moov+default_base_moof+frag_discont", 0);
    av_dict_set(&options, "frag_duration", "1000000", 0);
    const int error = avformat_write_header(output_.get(), &options);
    av_dict_free(&options);
    begun_ = error >= 0;
    return error;
  }

  // Before that the file cannot begin.
  bool all_described() const {
    return std::ranges::all_of(parties_, [](const Party& each) {
      return each.video.stream == nullptr || each.video.described;
    });
  }

  struct Track {
    AVStream* stream = nullptr;
    std::int64_t last = -1;
    bool described = false;  // has its parameter sets
    bool seen_key = false;
  };
  struct Party {
    Track video;
    Track audio;
  };

  Tracks tracks_;
  std::string path_;
  detail::Output output_;
  std::vector<Party> parties_;
  bool begun_ = false;
  bool closed_ = false;
};

}  // namespace

std::expected<std::unique_ptr<Recorder>, OpenFailure> Recorder::open(const std::string& path,
                                                                     const Tracks& tracks) {
  auto recorder = std::make_unique<AvRecorder>(tracks);
  if (const int error = recorder->open(path); error < 0) {
    const std::string what = "the file " + path;
    if (error == AVERROR(EINVAL)) {
      return std::unexpected(OpenFailure{OpenError::constraints_not_possible,
                                         what + " cannot hold these codecs; .mkv holds any"});
    }
    return std::unexpected(detail::failure_of(error, what));
  }
  return recorder;
}

std::expected<void, OpenFailure> write_png(const std::string& path, const core::VideoFrame& frame) {
  const OpenFailure failed{OpenError::failed, "the picture could not be written to " + path};
  if (frame.width == 0 || frame.height == 0) return std::unexpected(failed);
  detail::Scaler scaler{sws_getContext(frame.width, frame.height, AV_PIX_FMT_YUV420P, frame.width,
                                       frame.height, AV_PIX_FMT_RGB24, SWS_BILINEAR, nullptr,
                                       nullptr, nullptr)};
  detail::Frame rgb{av_frame_alloc()};
  rgb->format = AV_PIX_FMT_RGB24;
  rgb->width = frame.width;
  rgb->height = frame.height;
  if (!scaler || av_frame_get_buffer(rgb.get(), 0) != 0) return std::unexpected(failed);
  const std::size_t luma = core::VideoFrame::luma_size(frame.width, frame.height);
  const std::size_t chroma = core::VideoFrame::chroma_size(frame.width, frame.height);
  const std::uint8_t* planes[4] = {frame.planes.data(), frame.planes.data() + luma,
                                   frame.planes.data() + luma + chroma, nullptr};
  const int strides[4] = {frame.width, (frame.width + 1) / 2, (frame.width + 1) / 2, 0};
  sws_scale(scaler.get(), planes, strides, 0, frame.height, rgb->data, rgb->linesize);

  const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_PNG);
  detail::Decoder encoder{avcodec_alloc_context3(codec)};
  encoder->width = frame.width;
  encoder->height = frame.height;
  encoder->pix_fmt = AV_PIX_FMT_RGB24;
  encoder->time_base = {1, 1};
  detail::Packet packet{av_packet_alloc()};
  if (avcodec_open2(encoder.get(), codec, nullptr) != 0 ||
      avcodec_send_frame(encoder.get(), rgb.get()) != 0 ||
      avcodec_receive_packet(encoder.get(), packet.get()) != 0) {
    return std::unexpected(failed);
  }
  AVIOContext* file = nullptr;
  if (const int error = avio_open(&file, path.c_str(), AVIO_FLAG_WRITE); error < 0) {
    return std::unexpected(detail::failure_of(error, "the file " + path));
  }
  avio_write(file, packet->data, packet->size);
  avio_closep(&file);
  return {};
}

}  // namespace lucid::capture
