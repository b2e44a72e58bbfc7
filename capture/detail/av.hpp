#pragma once
// Owners of FFmpeg's objects.
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavdevice/avdevice.h>
#include <libavformat/avformat.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}
#include <memory>
#include <string>

#include "capture/source.hpp"

namespace lucid::capture::detail {

template <class T, void (*release)(T**)>
struct ReleaseIndirect {
  void operator()(T* object) const noexcept { release(&object); }
};
using Input =
    std::unique_ptr<AVFormatContext, ReleaseIndirect<AVFormatContext, avformat_close_input>>;
using Decoder =
    std::unique_ptr<AVCodecContext, ReleaseIndirect<AVCodecContext, avcodec_free_context>>;
using Frame = std::unique_ptr<AVFrame, ReleaseIndirect<AVFrame, av_frame_free>>;
using Packet = std::unique_ptr<AVPacket, ReleaseIndirect<AVPacket, av_packet_free>>;
using Resampler = std::unique_ptr<SwrContext, ReleaseIndirect<SwrContext, swr_free>>;
struct ReleaseScaler {
  void operator()(SwsContext* scaler) const noexcept { sws_freeContext(scaler); }
};
using Scaler = std::unique_ptr<SwsContext, ReleaseScaler>;

struct ReleaseOutput {
  void operator()(AVFormatContext* context) const noexcept {
    if (context->pb != nullptr) avio_closep(&context->pb);
    avformat_free_context(context);
  }
};
using Output = std::unique_ptr<AVFormatContext, ReleaseOutput>;

// Writes an MP4 file in fragments anew as a plain one: that alone says when its tracks begin and
// how long they are, and every player can seek in it. The old file stays until the new one is
// whole.
bool settle_mp4(const std::string& path);

std::string message_of(int error);
// `what` names the thing for a person: "camera /dev/video0".
OpenFailure failure_of(int error, const std::string& what);

// What avformat_open_input needs to know.
struct InputDescription {
  const char* format = nullptr;  // null: guess
  std::string url;
  std::string what;
  AVDictionary* options = nullptr;  // taken over
  Pace pace = Pace::fast;
  bool repeat = false;
};
VideoResult open_av_video(InputDescription description);
AudioResult open_av_audio(InputDescription description);

}  // namespace lucid::capture::detail
