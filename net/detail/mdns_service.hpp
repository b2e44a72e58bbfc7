#pragma once
#include <list>
#include <map>
#include <vector>

#include "net/detail/resolver.hpp"
#include "net/interfaces.hpp"
#include "net/mdns.hpp"

namespace lucid::net::detail {

// The one multicast DNS speaker of a loop, with a socket for each interface and family.
class MdnsService {
 public:
  explicit MdnsService(Loop& loop);
  ~MdnsService();

  void resolve(std::string name, Resolver::Done done);
  void publish(std::string name, core::Ip ip);
  void withdraw(std::string_view name);

 private:
  class Port;

  void open_ports(std::span<const core::Interface> interfaces);
  void received(core::Datagram datagram);
  void pump();

  Loop& loop_;
  Mdns machine_;
  std::list<Port> ports_;
  std::map<core::ResolveId, Resolver::Done> waiting_;
  std::uint32_t next_id_ = 0;
  Timer timer_;
  InterfaceWatch watch_;
};

}  // namespace lucid::net::detail
