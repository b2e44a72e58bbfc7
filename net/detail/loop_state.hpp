#pragma once
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <set>

#include "core/buffer.hpp"
#include "net/system.hpp"
#include "net/tls.hpp"

namespace lucid::net::detail {

class InterfaceMonitor;
class MdnsService;
class Resolver;
class UdpScratch;
class WebSocketSession;

// What the objects of one loop share. What is costly is made at its first use.
struct LoopState {
  LoopState();
  ~LoopState();

  // One thread runs the loop, so the reactor needs no locks; posting from other threads keeps its
  // own.
  boost::asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
      context.get_executor()};  // so that it waits even when there is nothing to wait for
  SystemRandom random;
  core::Pool pool;
  std::unique_ptr<UdpScratch> udp_scratch;
  std::unique_ptr<InterfaceMonitor> interface_monitor;
  std::unique_ptr<Resolver> resolver;
  std::unique_ptr<MdnsService> mdns;
  std::unique_ptr<std::uint8_t[]> read_room;               // where all byte channels read to
  std::set<std::shared_ptr<WebSocketSession>> websockets;  // until their connections have ended
  std::optional<TlsContext> tls;                           // trusts the system's authorities
};

}  // namespace lucid::net::detail
