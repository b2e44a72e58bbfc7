#include "peer/detail/model.hpp"

#include <algorithm>

namespace lucid::peer::detail {

const Description* Model::local() const {
  if (pending_local) return &*pending_local;
  return current_local ? &*current_local : nullptr;
}

const Description* Model::remote() const {
  if (pending_remote) return &*pending_remote;
  return current_remote ? &*current_remote : nullptr;
}

TransceiverState* Model::find(TransceiverId id) {
  const auto it = std::ranges::find(transceivers, id, &TransceiverState::id);
  return it == transceivers.end() ? nullptr : &*it;
}

const TransceiverState* Model::find(TransceiverId id) const {
  return const_cast<Model*>(this)->find(id);
}

TransceiverState* Model::find_mid(std::string_view mid) {
  const auto it = std::ranges::find_if(
      transceivers, [mid](const TransceiverState& each) { return each.mid == mid; });
  return it == transceivers.end() ? nullptr : &*it;
}

const TransceiverState* Model::find_mid(std::string_view mid) const {
  return const_cast<Model*>(this)->find_mid(mid);
}

}  // namespace lucid::peer::detail
