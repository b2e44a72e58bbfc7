#include "capture/source.hpp"

#include <cstdlib>

#include "capture/detail/av.hpp"
#include "capture/detail/devices.hpp"
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

OpenFailure bad_options(std::string_view specification) {
  return {OpenError::bad_specification,
          "'" + std::string{specification} +
              "' has options that make no sense; there are size=WIDTHxHEIGHT, of 16x16 to "
              "8192x4352, and fps=RATE, of 1 to 240"};
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

// As what a person can do something about.
OpenFailure explained(OpenError error, const std::string& what) {
  return detail::failure_of(error == OpenError::busy                ? AVERROR(EBUSY)
                            : error == OpenError::permission_denied ? AVERROR(EACCES)
                                                                    : AVERROR(ENODEV),
                            what);
}

}  // namespace

VideoResult open_video(std::string_view text) {
  const Specification specification = Specification::parse(text);
  const auto size = specification.size({640, 480});
  const auto framerate = specification.framerate(30);
  if (!size || !framerate || !specification.only({"size", "fps"}))
    return std::unexpected(bad_options(text));
  if (specification.kind == "test") return std::make_unique<TestVideo>(*size, *framerate);
  if (specification.kind == "camera") {
    const std::string device =
        specification.argument.empty() ? "/dev/video0" : specification.argument;
    const std::string what = "the camera " + device;
    auto camera = detail::open_av_video({.format = "v4l2",
                                         .url = device,
                                         .what = what,
                                         .options = constraints(specification),
                                         .pace = Pace::live});
    if (!camera) return camera;
    if (auto failure = detail::unmet(specification, **camera, what))
      return std::unexpected(*std::move(failure));
    return camera;
  }
  if (specification.kind == "screen") {
    const char* display = std::getenv("DISPLAY");
    const std::string name = !specification.argument.empty() ? specification.argument
                             : display != nullptr            ? display
                                                             : ":0";
    const std::string what = "the screen " + name;
    auto screen = detail::open_av_video({.format = "x11grab",
                                         .url = name,
                                         .what = what,
                                         .options = constraints(specification),
                                         .pace = Pace::live});
    if (!screen && screen.error().error == OpenError::failed)
      return std::unexpected(explained(OpenError::not_found, what));
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
    const std::string what = "the microphone " + device;
    auto pulse =
        detail::open_av_audio({.format = "pulse", .url = device, .what = what, .pace = Pace::live});
    if (pulse) return pulse;
    auto alsa =
        detail::open_av_audio({.format = "alsa", .url = device, .what = what, .pace = Pace::live});
    if (!alsa && alsa.error().error == OpenError::failed)
      return std::unexpected(explained(detail::why_no_microphone(device), what));
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
