#pragma once
#include <boost/asio/io_context.hpp>
#include <memory>

#include "core/buffer.hpp"
#include "net/system.hpp"

namespace lucid::net::detail {

class UdpScratch;
class InterfaceMonitor;

// What the objects of one loop share. What is costly is made at its first use.
struct LoopState {
  LoopState();
  ~LoopState();

  // One thread runs the loop, so the reactor needs no locks; posting from other threads keeps its
  // own.
  boost::asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  SystemRandom random;
  core::Pool pool;
  std::unique_ptr<UdpScratch> udp_scratch;
  std::unique_ptr<InterfaceMonitor> interface_monitor;
};

}  // namespace lucid::net::detail
