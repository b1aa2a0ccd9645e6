// What one should know of an encoder before using it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "core/history/store.h"
#include "core/training/session.h"

namespace selfsight {

/// A checkpoint of the run, and what its images are normalised by.
struct CardEncoder {
  CheckpointInfo checkpoint;
  Normalisation normalisation;
};

/// Data, options, results with their protocols, how it was trained; after Mitchell et al. 2019,
/// "Model cards for model reporting". `license` is a word such as CC-BY-4.0, or empty;
/// `encoder` what the card is of, without one nothing is told of it.
nlohmann::ordered_json model_card(const Store& store, std::int64_t run, const std::string& license,
                                  const std::optional<CardEncoder>& encoder = {});

/// The same for people, as Markdown with the front matter that model hubs read.
std::string card_markdown(const nlohmann::ordered_json& card);

}  // namespace selfsight
