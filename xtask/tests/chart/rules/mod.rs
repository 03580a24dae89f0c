//! Rules over what is rendered. Each returns what it has to say against it.

mod mounts;
mod objects;
mod pods;
mod reach;
mod references;
mod scaling;

use crate::cluster::Cluster;

/// A rule.
pub type Rule = fn(&Cluster) -> Vec<String>;

/// All of them.
const ALL: [Rule; 18] = [
    objects::each_stands_once_in_the_namespace,
    objects::nothing_is_a_hook_or_a_secret,
    objects::jobs_are_named_by_version,
    objects::one_pod_at_a_time_may_be_evicted,
    objects::spools_outlive_their_pods,
    pods::are_restricted,
    pods::are_probed_and_bounded,
    pods::have_time_to_end,
    pods::are_spread,
    pods::run_pinned_images,
    pods::hold_no_secret_in_their_environment,
    mounts::are_volumes_and_read_only_but_where_written,
    mounts::hold_what_settings_name,
    references::lead_somewhere,
    references::are_settings_that_exist,
    scaling::has_one_owner_of_each_number,
    scaling::of_workers_is_the_consoles,
    reach::is_what_each_component_needs,
];

/// Everything that the rules say against a rendering.
pub fn judge(cluster: &Cluster) -> Vec<String> {
    ALL.iter().flat_map(|rule| rule(cluster)).collect()
}
