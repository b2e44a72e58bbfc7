#include "capture/source.hpp"

#include <unistd.h>
#include <algorithm>
#include <cstdlib>

#include "capture/detail/av.hpp"
#include "capture/detail/specification.hpp"
#include "capture/test_picture.hpp"

namespace lucid::capture {

namespace {

using detail::Specification;

class TestVideo final : public VideoSource {
 public:
  TestVideo(Specification::Size size, double framerate)
      : size_{size}, framerate_{framerate}, picture_{size.width, size.height, framerate} {}
  Pace pace() const override { return Pace::fast; }
  double framerate() const override { return framerate_; }
  std::uint16_t width() const override { return size_.width; }
  std::uint16_t height() const override { return size_.height; }
  std::optional<core::VideoFrame> read() override { return picture_.frame(next_++); }

 private:
  Specification::Size size_;
  double framerate_;
  TestPicture picture_;
  std::int64_t next_ = 0;
};

class TestAudio final : public AudioSource {
 public:
  Pace pace() const override { return Pace::fast; }
  std::uint8_t channels() const override { return 1; }
  std::optional<core::AudioFrame> read() override { return test_tone(next_++); }

 private:
  std::int64_t next_ = 0;
};

OpenFailure bad(std::string_view specification) {
  return {OpenError::bad_specification,
          "'" + std::string{specification} +
              "' is no source; try test, tone, camera, mic, screen, file:PATH or lavfi:GRAPH"};
}

AVDictionary* constraints(const Specification& specification) {
  AVDictionary* options = nullptr;
  for (const auto& [ours, theirs] :
       {std::pair{"size", "video_size"}, std::pair{"fps", "framerate"}}) {
    const auto found = specification.options.find(ours);
    if (found != specification.options.end())
      av_dict_set(&options, theirs, found->second.c_str(), 0);
  }
  return options;
}

detail::InputDescription stored(const Specification& specification) {
  if (specification.kind == "lavfi") {
    return {.format = "lavfi",
            .url = specification.argument,
            .what = "the graph " + specification.argument};
  }
  return {
      .url = specification.argument, .what = "the file " + specification.argument, .repeat = true};
}

// FFmpeg has one error for all that can be wrong with these devices. The system knows more.
OpenFailure explain(OpenFailure failure, std::string_view kind) {
  if (failure.error != OpenError::failed) return failure;
  const auto all = devices();
  const bool any = std::ranges::any_of(
      all, [&](const Device& each) { return each.specification.starts_with(kind); });
  const std::string what = failure.message.substr(0, failure.message.find(" could not"));
  if (kind == "screen" || !any) return detail::failure_of(AVERROR(ENODEV), what);
  const bool permitted = ::access("/dev/snd/timer", R_OK) == 0;
  return detail::failure_of(permitted ? AVERROR(EBUSY) : AVERROR(EACCES), what);
}

}  // namespace

VideoResult open_video(std::string_view text) {
  const Specification specification = Specification::parse(text);
  const auto size = specification.size({640, 480});
  const auto framerate = specification.framerate(30);
  if (!size || !framerate || !specification.only({"size", "fps"}))
    return std::unexpected(bad(text));
  if (specification.kind == "test") return std::make_unique<TestVideo>(*size, *framerate);
  if (specification.kind == "camera") {
    const std::string device =
        specification.argument.empty() ? "/dev/video0" : specification.argument;
    return detail::open_av_video({.format = "v4l2",
                                  .url = device,
                                  .what = "the camera " + device,
                                  .options = constraints(specification),
                                  .pace = Pace::live});
  }
  if (specification.kind == "screen") {
    const char* display = std::getenv("DISPLAY");
    const std::string name = !specification.argument.empty() ? specification.argument
                             : display != nullptr            ? display
                                                             : ":0";
    auto screen = detail::open_av_video({.format = "x11grab",
                                         .url = name,
                                         .what = "the screen " + name,
                                         .options = constraints(specification),
                                         .pace = Pace::live});
    if (!screen) return std::unexpected(explain(screen.error(), "screen"));
    return screen;
  }
  if (specification.kind == "file" || specification.kind == "lavfi") {
    return detail::open_av_video(stored(specification));
  }
  return std::unexpected(bad(text));
}

AudioResult open_audio(std::string_view text) {
  const Specification specification = Specification::parse(text);
  if (specification.kind == "tone" && specification.only({})) return std::make_unique<TestAudio>();
  if (specification.kind == "mic") {
    const std::string device = specification.argument.empty() ? "default" : specification.argument;
    auto pulse = detail::open_av_audio(
        {.format = "pulse", .url = device, .what = "the microphone " + device, .pace = Pace::live});
    if (pulse) return pulse;
    auto alsa = detail::open_av_audio(
        {.format = "alsa", .url = device, .what = "the microphone " + device, .pace = Pace::live});
    if (!alsa) return std::unexpected(explain(alsa.error(), "mic"));
    return alsa;
  }
  if (specification.kind == "file" || specification.kind == "lavfi") {
    return detail::open_av_audio(stored(specification));
  }
  return std::unexpected(bad(text));
}

std::string_view to_string(OpenError error) {
  switch (error) {
    case OpenError::bad_specification:
      return "bad specification";
    case OpenError::not_found:
      return "not found";
    case OpenError::busy:
      return "busy";
    case OpenError::permission_denied:
      return "permission denied";
    case OpenError::constraints_not_possible:
      return "constraints not possible";
    case OpenError::not_available:
      return "not available";
    case OpenError::failed:
      return "failed";
  }
  return "unknown";
}

}  // namespace lucid::capture
