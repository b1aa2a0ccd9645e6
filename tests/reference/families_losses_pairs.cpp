// Losses of two views, contrastive and not, the queue and the moving average.
#include "core/methods/feature_queue.h"
#include "core/methods/losses.h"
#include "core/methods/losses_agreement.h"
#include "core/methods/losses_contrastive.h"
#include "core/methods/momentum_encoder.h"
#include "tests/reference/loss_check.h"

namespace selfsight::reference {
namespace {

double number(const Json& c, const char* name) {
  return c.at("params").at(name).get<double>();
}

/// An input of the case in double precision.
torch::Tensor exact(const Json& c, const char* name) {
  return tensor(c.at("inputs").at(name), torch::kDouble);
}

void check_number(const Json& c, const char* name, const torch::Tensor& got, Findings& found) {
  const Json& tol = c.at("tol");
  found.near(name, got.item<double>(), c.at("expected").at(name).get<double>(),
             tol.at("f64_rel").get<double>(), tol.at("f64_abs").get<double>());
}

void check_tensor(const Json& c, const char* name, const torch::Tensor& got, Findings& found) {
  found.checksum(name, numbers(got), c.at("expected").at(name),
                 c.at("tol").at("f64_rel").get<double>());
}

/// A family whose loss is a function of the two inputs alone.
void check_pair(const Json& c, Findings& found,
                const std::function<torch::Tensor(torch::Tensor, torch::Tensor)>& loss) {
  check_loss(
      c, [&](const Inputs& in) { return loss(in.at("z0"), in.at("z1")); }, found);
}

/// A queue of double precision that holds `rows`, its pointer at the start.
std::shared_ptr<FeatureQueue> queue_of(const torch::Tensor& rows) {
  auto queue = std::make_shared<FeatureQueue>(rows.size(0), rows.size(1));
  queue->to(torch::kDouble);
  queue->push(rows);
  return queue;
}

void dcl_family(const Json& c, Findings& found) {
  check_pair(c, found, [t = number(c, "temperature")](const auto& z0, const auto& z1) {
    return decoupled_loss(z0, z1, t);
  });
}

void dclw_family(const Json& c, Findings& found) {
  check_pair(
      c, found,
      [t = number(c, "temperature"), sigma = number(c, "sigma")](const auto& z0, const auto& z1) {
        return weighted_decoupled_loss(z0, z1, t, sigma);
      });
}

void queue_loss_family(const Json& c, Findings& found) {
  const double t = number(c, "temperature");
  check_loss(
      c, [&](const Inputs& in) { return queue_loss(in.at("q"), in.at("k"), in.at("queue"), t); },
      found);
  check_tensor(c, "logits", queue_logits(exact(c, "q"), exact(c, "k"), exact(c, "queue"), t),
               found);
  const auto queue = queue_of(exact(c, "queue"));
  queue->push(exact(c, "k"));
  check_tensor(c, "queue_after", queue->rows(), found);
  found.same("the pointer",
             queue->pointer() == c.at("expected").at("queue_ptr_after").get<std::int64_t>());
}

void two_queues_family(const Json& c, Findings& found) {
  const double t = number(c, "temperature");
  check_loss(
      c,
      [&](const Inputs& in) {
        return (queue_loss(in.at("q1"), in.at("k2"), in.at("queue2"), t) +
                queue_loss(in.at("q2"), in.at("k1"), in.at("queue1"), t)) /
               2;
      },
      found);
}

/// The keys of step s: like the queue, but their seed is 1 + s further on.
torch::Tensor keys_of_step(const Json& c, std::uint64_t step) {
  Json keys = c.at("inputs").at("queue");
  keys["seed"] = keys.at("seed").get<std::uint64_t>() + 1 + step;
  keys["shape"] = {c.at("params").at("N"), c.at("params").at("D")};
  return tensor(keys, torch::kDouble);
}

void queue_update_family(const Json& c, Findings& found) {
  const auto tolerance = c.at("tol").at("f64_rel").get<double>();
  for (const char* code : {"moco_official", "lightly"}) {
    if (!c.at("expected").contains(code)) continue;
    const auto queue = queue_of(exact(c, "queue"));
    const Json& steps = c.at("expected").at(code);
    for (std::size_t s = 0; s < steps.size(); ++s) {
      queue->push(keys_of_step(c, s));
      const std::string after = std::string(code) + " after step " + std::to_string(s);
      found.same(after + ": the pointer",
                 queue->pointer() == steps[s].at("ptr").get<std::int64_t>());
      found.checksum(after, numbers(queue->rows()), steps[s].at("queue"), tolerance);
    }
  }
}

void moco_v3_family(const Json& c, Findings& found) {
  const double t = number(c, "temperature");
  check_loss(
      c,
      [&](const Inputs& in) {
        return in_batch_loss(in.at("q1"), in.at("k2"), t) +
               in_batch_loss(in.at("q2"), in.at("k1"), t);
      },
      found);
}

void nnclr_family(const Json& c, Findings& found) {
  const double t = number(c, "temperature");
  const bool cross_view = c.at("family").get<std::string>() == "nnclr_cross_view_only";
  const auto one_way = [&](const Inputs& in, const char* z, const char* p) {
    const torch::Tensor queue = in.at("queue");
    const torch::Tensor neighbours = queue.index_select(0, nearest_in(queue, in.at(z)));
    return cross_view ? neighbour_loss(neighbours, in.at(p), t) : nt_xent(neighbours, in.at(p), t);
  };
  check_loss(
      c, [&](const Inputs& in) { return (one_way(in, "z1", "p2") + one_way(in, "z2", "p1")) / 2; },
      found);
  for (const char* z : {"z1", "z2"}) {
    const std::string name = std::string("nn_index_") + z;
    if (!c.at("expected").contains(name)) continue;
    found.same(name, numbers(nearest_in(exact(c, "queue"), exact(c, z))) ==
                         c.at("expected").at(name).get<std::vector<double>>());
  }
}

void simsiam_family(const Json& c, Findings& found) {
  check_loss(
      c,
      [](const Inputs& in) {
        return negative_cosine_loss(in.at("p1"), in.at("p2"), in.at("z1"), in.at("z2"));
      },
      found);
}

void byol_family(const Json& c, Findings& found) {
  check_loss(
      c,
      [](const Inputs& in) {
        return byol_loss(in.at("p1"), in.at("p2"), in.at("z1"), in.at("z2"));
      },
      found);
}

void barlow_twins_family(const Json& c, Findings& found) {
  if (c.at("params").value("bn_eps", 1e-5) != 1e-5) throw NotComputed();
  check_pair(
      c, found,
      [lambda = number(c, "lambda"), scale = number(c, "scale")](const auto& z0, const auto& z1) {
        return barlow_twins_loss(z0, z1, lambda, scale);
      });
  const torch::Tensor z0 = exact(c, "z0"), z1 = exact(c, "z1");
  check_tensor(c, "cross_correlation", cross_correlation(z0, z1), found);
  const torch::Tensor on = barlow_twins_loss(z0, z1, 0, 1);
  check_number(c, "on_diag", on, found);
  check_number(c, "off_diag", barlow_twins_loss(z0, z1, 1, 1) - on, found);
}

void vicreg_family(const Json& c, Findings& found) {
  const Json& params = c.at("params");
  if (params.value("eps", 1e-4) != 1e-4 || params.value("gamma", 1.0) != 1) throw NotComputed();
  check_pair(c, found, [&](const auto& z0, const auto& z1) {
    const VicregTerms terms = vicreg_terms(z0, z1);
    return number(c, "sim") * terms.invariance + number(c, "var") * terms.variance +
           number(c, "cov") * terms.covariance;
  });
  const VicregTerms terms = vicreg_terms(exact(c, "z0"), exact(c, "z1"));
  check_number(c, "invariance", terms.invariance, found);
  check_number(c, "variance", terms.variance, found);
  check_number(c, "covariance", terms.covariance, found);
}

void w_mse_family(const Json& c, Findings& found) {
  const auto group = c.at("params").at("w_size").get<std::int64_t>();
  // Smaller groups are drawn at random there.
  if (group < c.at("params").at("N").get<std::int64_t>()) throw NotComputed();
  const double eps = number(c, "eps");
  check_pair(c, found,
             [&](const auto& z0, const auto& z1) { return whitened_mse_loss(z0, z1, group, eps); });
  check_tensor(c, "whitened0", whitened(exact(c, "z0"), eps), found);
  check_tensor(c, "whitened1", whitened(exact(c, "z1"), eps), found);
}

/// The weights that are followed differ at each step: their seed is 1 + s past the follower's.
void ema_family(const Json& c, Findings& found) {
  const Json& steps = c.at("expected").at("target_after_step");
  Json description = c.at("inputs").at("target");
  const auto first = description.at("seed").get<std::uint64_t>();
  torch::nn::ParameterDict target, online;
  target->insert("p", exact(c, "target"));
  for (std::size_t s = 0; s < steps.size(); ++s) {
    description["seed"] = first + 1 + s;
    online = torch::nn::ParameterDict();
    online->insert("p", tensor(description, torch::kDouble));
    move_average(*target, *online, number(c, "m"));
    const auto got = numbers(target->get("p"));
    for (std::size_t i = 0; i < got.size(); ++i)
      found.near("entry " + std::to_string(i) + " after step " + std::to_string(s), got[i],
                 steps[s].at(i).get<double>(), 0, c.at("tol").at("f64_abs").get<double>());
  }
}

}  // namespace

void add_pair_loss_families(Families& families) {
  families["dcl"] = dcl_family;
  families["dclw"] = dclw_family;
  families["moco_infonce_queue"] = queue_loss_family;
  families["moco_symmetric_two_queues"] = two_queues_family;
  families["queue_update"] = queue_update_family;
  families["moco_v3"] = moco_v3_family;
  families["nnclr_cross_view_only"] = nnclr_family;
  families["nnclr_ntxent"] = nnclr_family;
  families["simsiam_neg_cosine"] = simsiam_family;
  families["byol_2_minus_2cos"] = byol_family;
  families["barlow_twins"] = barlow_twins_family;
  families["vicreg"] = vicreg_family;
  families["w_mse"] = w_mse_family;
  families["ema"] = ema_family;
}

}  // namespace selfsight::reference
