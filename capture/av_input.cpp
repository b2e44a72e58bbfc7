// Pictures and sound from anything that FFmpeg opens: devices, files, filter graphs.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>
#include <vector>

#include "capture/detail/av.hpp"

namespace lucid::capture::detail {

namespace {

using namespace std::chrono_literals;

constexpr int sound_rate = 48'000;
constexpr std::size_t sound_frame = sound_rate / 50;

// One stream of an input, decoded.
class AvStream {
 public:
  int open(InputDescription& description, AVMediaType type) {
    avdevice_register_all();
    av_log_set_level(AV_LOG_QUIET);
    const AVInputFormat* format =
        description.format == nullptr ? nullptr : av_find_input_format(description.format);
    AVDictionary* options = std::exchange(description.options, nullptr);
    if (description.format != nullptr && format == nullptr) {
      av_dict_free(&options);
      return AVERROR_DEMUXER_NOT_FOUND;
    }
    AVFormatContext* opened = nullptr;
    const int error = avformat_open_input(&opened, description.url.c_str(), format, &options);
    av_dict_free(&options);
    if (error < 0) return error;
    input_.reset(opened);
    repeat_ = description.repeat;
    if (const int missing = avformat_find_stream_info(opened, nullptr); missing < 0) return missing;
    return open_decoder(type);
  }

  // The next decoded frame; null at the end.
  AVFrame* next() {
    while (true) {
      const int got = avcodec_receive_frame(decoder_.get(), frame_.get());
      if (got == 0) {
        barren_ = false;
        return frame_.get();
      }
      if (got == AVERROR_EOF && !rewind()) return nullptr;
      if (got != AVERROR(EAGAIN) && got != AVERROR_EOF) return nullptr;
      if (!feed()) return nullptr;
    }
  }

  // When the frame is due, counted from the start of the file, across repetitions. The picture and
  // the sound of a file are opened apart and repeat at the same times.
  core::Duration time_of(const AVFrame& frame) {
    const std::int64_t pts = frame.best_effort_timestamp;
    if (pts == AV_NOPTS_VALUE) return last_;
    const core::Duration raw{av_rescale_q(pts, stream()->time_base, {1, 1'000'000})};
    if (!start_) start_ = file_start().value_or(raw);
    last_ = std::max(last_, raw - *start_ + base_);
    return last_;
  }

  const AVStream* stream() const { return input_->streams[index_]; }
  const AVCodecContext* decoder() const { return decoder_.get(); }
  double framerate() const {
    const AVRational rate = av_guess_frame_rate(input_.get(), input_->streams[index_], nullptr);
    // Of a file that does not say, FFmpeg may take the unit of its times for the rate.
    constexpr double most = 240;
    const double guess = rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0;
    return guess > 0 && guess <= most ? guess : 30;
  }

 private:
  int open_decoder(AVMediaType type) {
    const AVCodec* codec = nullptr;
    index_ = av_find_best_stream(input_.get(), type, -1, -1, &codec, 0);
    if (index_ < 0) return index_;
    decoder_.reset(avcodec_alloc_context3(codec));
    avcodec_parameters_to_context(decoder_.get(), stream()->codecpar);
    decoder_->thread_count = 1;
    return avcodec_open2(decoder_.get(), codec, nullptr);
  }

  bool feed() {
    while (true) {
      const int read = av_read_frame(input_.get(), packet_.get());
      if (read == AVERROR(EAGAIN)) continue;
      if (read < 0) {
        // What the decoder still holds comes out before the end is told.
        return avcodec_send_packet(decoder_.get(), nullptr) == 0;
      }
      const bool ours = packet_->stream_index == index_;
      if (ours) avcodec_send_packet(decoder_.get(), packet_.get());
      av_packet_unref(packet_.get());
      if (ours) return true;
    }
  }

  std::optional<core::Duration> file_start() const {
    if (input_->start_time == AV_NOPTS_VALUE) return std::nullopt;
    return core::Duration{input_->start_time};
  }

  bool rewind() {
    // A file that gives nothing once gives nothing ever.
    if (!repeat_ || std::exchange(barren_, true)) return false;
    if (av_seek_frame(input_.get(), -1,
                      input_->start_time == AV_NOPTS_VALUE ? 0 : input_->start_time,
                      AVSEEK_FLAG_BACKWARD) < 0) {
      return false;
    }
    avcodec_flush_buffers(decoder_.get());
    const core::Duration whole{input_->duration == AV_NOPTS_VALUE ? 0 : input_->duration};
    base_ = std::max(base_ + whole, last_ + 20ms);
    start_.reset();
    return feed();
  }

  Input input_;
  Decoder decoder_;
  Frame frame_{av_frame_alloc()};
  Packet packet_{av_packet_alloc()};
  int index_ = -1;
  bool repeat_ = false;
  bool barren_ = false;  // no frame since the file was begun again
  std::optional<core::Duration> start_;
  core::Duration base_{};
  core::Duration last_{};
};

class AvVideo final : public VideoSource {
 public:
  AvVideo(AvStream stream, Pace pace) : stream_{std::move(stream)}, pace_{pace} {}
  Pace pace() const override { return pace_; }
  double framerate() const override { return stream_.framerate(); }
  // I420 pictures of even size spare everybody the odd last column.
  std::uint16_t width() const override {
    return static_cast<std::uint16_t>(stream_.decoder()->width & ~1);
  }
  std::uint16_t height() const override {
    return static_cast<std::uint16_t>(stream_.decoder()->height & ~1);
  }

  std::optional<core::VideoFrame> read() override {
    const AVFrame* in = stream_.next();
    if (in == nullptr) return std::nullopt;
    const int wide = in->width & ~1;
    const int high = in->height & ~1;
    scaler_.reset(sws_getCachedContext(
        scaler_.release(), in->width, in->height, static_cast<AVPixelFormat>(in->format), wide,
        high, AV_PIX_FMT_YUV420P, SWS_BILINEAR, nullptr, nullptr, nullptr));
    if (!scaler_) return std::nullopt;
    core::VideoFrame out;
    out.width = static_cast<std::uint16_t>(wide);
    out.height = static_cast<std::uint16_t>(high);
    const std::size_t luma = core::VideoFrame::luma_size(out.width, out.height);
    const std::size_t chroma = core::VideoFrame::chroma_size(out.width, out.height);
    out.planes.resize(luma + 2 * chroma);
    std::uint8_t* planes[4] = {out.planes.data(), out.planes.data() + luma,
                               out.planes.data() + luma + chroma, nullptr};
    const int strides[4] = {wide, wide / 2, wide / 2, 0};
    sws_scale(scaler_.get(), in->data, in->linesize, 0, in->height, planes, strides);
    out.capture_time = core::Time{stream_.time_of(*in)};
    out.rtp_timestamp =
        static_cast<std::uint32_t>(out.capture_time.time_since_epoch().count() * 9 / 100);
    return out;
  }

 private:
  AvStream stream_;
  Pace pace_;
  Scaler scaler_;
};

class AvAudio final : public AudioSource {
 public:
  AvAudio(AvStream stream, Pace pace) : stream_{std::move(stream)}, pace_{pace} {}

  bool prepare() {
    const AVCodecContext* from = stream_.decoder();
    channels_ = from->ch_layout.nb_channels >= 2 ? 2 : 1;
    AVChannelLayout layout = from->ch_layout;
    AVChannelLayout to{};
    av_channel_layout_default(&to, channels_);
    SwrContext* resampler = nullptr;
    const int error = swr_alloc_set_opts2(&resampler, &to, AV_SAMPLE_FMT_S16, sound_rate, &layout,
                                          from->sample_fmt, from->sample_rate, 0, nullptr);
    resampler_.reset(resampler);
    return error == 0 && swr_init(resampler) == 0;
  }

  Pace pace() const override { return pace_; }
  std::uint8_t channels() const override { return channels_; }

  std::optional<core::AudioFrame> read() override {
    const std::size_t wanted = sound_frame * channels_;
    while (samples_.size() < wanted) {
      const AVFrame* in = stream_.next();
      if (in == nullptr) return std::nullopt;
      if (pace_ == Pace::fast) fill_gap(stream_.time_of(*in));
      const int most = swr_get_out_samples(resampler_.get(), in->nb_samples);
      const std::size_t before = samples_.size();
      samples_.resize(before + static_cast<std::size_t>(std::max(0, most)) * channels_);
      auto* out = reinterpret_cast<std::uint8_t*>(samples_.data() + before);
      const int made =
          swr_convert(resampler_.get(), &out, most,
                      const_cast<const std::uint8_t**>(in->extended_data), in->nb_samples);
      if (made < 0) return std::nullopt;
      samples_.resize(before + static_cast<std::size_t>(made) * channels_);
    }
    core::AudioFrame frame;
    frame.channels = channels_;
    frame.samples.assign(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(wanted));
    samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(wanted));
    frame.capture_time = core::Time{number_ * 20ms};
    frame.rtp_timestamp = static_cast<std::uint32_t>(number_ * std::int64_t{sound_frame});
    ++number_;
    return frame;
  }

 private:
  // Silence where a file has none of its sound: at its start, in holes, and until its picture ends.
  void fill_gap(core::Duration due) {
    const std::int64_t have = number_ * std::int64_t{sound_frame} +
                              static_cast<std::int64_t>(samples_.size() / channels_);
    const std::int64_t gap = due.count() * sound_rate / 1'000'000 - have;
    if (gap < sound_rate / 25 || gap > std::int64_t{sound_rate} * 60) return;
    samples_.resize(samples_.size() + static_cast<std::size_t>(gap) * channels_);
  }

  AvStream stream_;
  Pace pace_;
  Resampler resampler_;
  std::uint8_t channels_ = 1;
  std::vector<std::int16_t> samples_;
  std::int64_t number_ = 0;
};

}  // namespace

std::string message_of(int error) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(error, text, sizeof(text));
  return text;
}

namespace {

std::string what_there_is() {
  std::string text = "there is";
  for (const Device& device : devices()) {
    text += (text.ends_with("is") ? " " : ", ") + device.specification;
  }
  return text;
}

}  // namespace

OpenFailure failure_of(int error, const std::string& what) {
  switch (error) {
    case AVERROR(ENOENT):
    case AVERROR(ENODEV):
    case AVERROR(ENXIO):
      return {OpenError::not_found,
              what + " was not found; " +
                  (what.starts_with("the file") ? "check its path" : what_there_is())};
    case AVERROR_STREAM_NOT_FOUND:
      return {OpenError::not_found, what + " has nothing of that kind in it"};
    case AVERROR(ENOTTY):
    case AVERROR(EISDIR):
      return {OpenError::not_found, what + " is no such thing; " + what_there_is()};
    case AVERROR(EBUSY):
      return {OpenError::busy, what + " is in use by another program; close it there"};
    case AVERROR(EACCES):
    case AVERROR(EPERM):
      return {OpenError::permission_denied,
              what + " may not be opened by this user; check its permissions"};
    case AVERROR(EINVAL):
    case AVERROR_FILTER_NOT_FOUND:
      if (what.starts_with("the graph")) {
        return {OpenError::bad_specification,
                what +
                    " is none that FFmpeg understands, or it gives nothing of that kind; try "
                    "'lavfi:testsrc' or 'lavfi:sine'"};
      }
      return {OpenError::constraints_not_possible,
              what + " cannot do that size or rate; ask for less"};
    case AVERROR_DEMUXER_NOT_FOUND:
      return {OpenError::not_available, "this build of FFmpeg cannot open " + what};
    default:
      return {OpenError::failed, what + " could not be opened: " + message_of(error)};
  }
}

VideoResult open_av_video(InputDescription description) {
  AvStream stream;
  if (const int error = stream.open(description, AVMEDIA_TYPE_VIDEO); error < 0) {
    return std::unexpected(failure_of(error, description.what));
  }
  return std::make_unique<AvVideo>(std::move(stream), description.pace);
}

AudioResult open_av_audio(InputDescription description) {
  AvStream stream;
  if (const int error = stream.open(description, AVMEDIA_TYPE_AUDIO); error < 0) {
    return std::unexpected(failure_of(error, description.what));
  }
  auto source = std::make_unique<AvAudio>(std::move(stream), description.pace);
  if (!source->prepare()) {
    return std::unexpected(OpenFailure{
        OpenError::failed, description.what + " has a sound format that cannot be converted"});
  }
  return source;
}

}  // namespace lucid::capture::detail
