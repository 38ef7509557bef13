//! Facts of the operating system: space on a disk, network file systems, resources of this process.
//!
//! Linux only; facts that the system does not have are left out. Used by `service::health`, `web::metrics` and
//! `cli::doctor`.

use std::{fs, path::Path};

/// The space of a file system.
#[derive(Clone, Copy, Debug)]
pub struct DiskSpace {
    /// Bytes that this process may use.
    pub free: u64,
    /// Bytes of the whole file system.
    pub total: u64,
    /// True if it is mounted read-only.
    pub read_only: bool,
}

/// The space of the file system of `folder`.
///
/// # Errors
/// Those of `statvfs`.
pub fn disk_space(folder: &Path) -> std::io::Result<DiskSpace> {
    let stat = rustix::fs::statvfs(folder)?;
    Ok(DiskSpace {
        free: stat.f_bavail * stat.f_frsize,
        total: stat.f_blocks * stat.f_frsize,
        read_only: stat.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY),
    })
}

/// Network file systems, by the numbers in Linux's `magic.h`. SQLite's locks and shared memory are not reliable on
/// them.
const NETWORK_FILE_SYSTEMS: [(u64, &str); 9] = [
    (0x6969, "NFS"),
    (0xFF53_4D42, "CIFS"),
    (0xFE53_4D42, "SMB"),
    (0x517B, "SMB"),
    (0x00C3_6400, "Ceph"),
    (0x5346_414F, "AFS"),
    (0x0BD0_0BD0, "Lustre"),
    (0x0102_1997, "9P"),
    (0x4750_4653, "GPFS"),
];

/// The name of the network file system of `folder`; none if it is a local or an unknown one.
///
/// # Errors
/// Those of `statfs`.
pub fn network_file_system(folder: &Path) -> std::io::Result<Option<&'static str>> {
    let kind = rustix::fs::statfs(folder)?.f_type;
    Ok(network_file_system_name(u64::from(kind as u32)))
}

fn network_file_system_name(kind: u64) -> Option<&'static str> {
    NETWORK_FILE_SYSTEMS
        .iter()
        .find(|(number, _)| *number == kind)
        .map(|(_, name)| *name)
}

/// Resources of this process.
#[derive(Clone, Copy, Debug)]
pub struct ProcessInfo {
    /// Resident memory in bytes.
    pub resident: u64,
    /// Mapped memory in bytes.
    pub mapped: u64,
    /// Seconds of processor time.
    pub seconds: f64,
    /// Open file descriptors.
    pub descriptors: u64,
    /// The limit of open file descriptors.
    pub max_descriptors: u64,
}

/// The resources of this process; none without `/proc`.
#[must_use]
pub fn process_info() -> Option<ProcessInfo> {
    let pages = fs::read_to_string("/proc/self/statm").ok()?;
    let mut pages = pages.split(' ').map(str::parse::<u64>);
    let page = rustix::param::page_size() as u64;
    let (mapped, resident) = (pages.next()?.ok()? * page, pages.next()?.ok()? * page);
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    Some(ProcessInfo {
        resident,
        mapped,
        seconds: used.tv_sec as f64 + used.tv_nsec as f64 / 1e9,
        descriptors: fs::read_dir("/proc/self/fd").map_or(0, |all| all.count() as u64),
        max_descriptors: limit.current.unwrap_or(u64::MAX),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_and_a_process_have_sizes() {
        let room = disk_space(Path::new("/")).unwrap();
        assert!(room.total > 0 && room.free <= room.total, "{room:?}");
        let process = process_info().unwrap();
        assert!(
            process.resident > 100_000 && process.mapped >= process.resident,
            "{process:?}"
        );
        assert!(process.descriptors >= 3 && process.seconds > 0.0, "{process:?}");
    }

    #[test]
    fn network_file_systems_are_recognised() {
        assert_eq!(network_file_system_name(0x6969), Some("NFS"));
        assert_eq!(network_file_system_name(0xFF53_4D42), Some("CIFS"));
        assert_eq!(network_file_system_name(0xEF53), None, "ext4");
        assert_eq!(network_file_system(Path::new("/proc")).unwrap(), None);
    }
}
