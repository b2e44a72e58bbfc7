#pragma once
// Owners of libavcodec's objects, for the engines that use it.
extern "C" {
#include <libavcodec/avcodec.h>
}

#include "core/handle.hpp"

namespace lucid::codec::detail {

struct ReleaseContext {
  void operator()(AVCodecContext* context) const noexcept { avcodec_free_context(&context); }
};
struct ReleaseFrame {
  void operator()(AVFrame* frame) const noexcept { av_frame_free(&frame); }
};
struct ReleasePacket {
  void operator()(AVPacket* packet) const noexcept { av_packet_free(&packet); }
};
using AvContext = std::unique_ptr<AVCodecContext, ReleaseContext>;
using AvFrame = std::unique_ptr<AVFrame, ReleaseFrame>;
using AvPacket = std::unique_ptr<AVPacket, ReleasePacket>;

}  // namespace lucid::codec::detail
