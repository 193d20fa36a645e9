package main

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	vpa "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/config"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/logic"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/model"
	updater "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/updater/config"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/updater/priority"
	util "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/utils/vpa"
)

const name = "c"

var began = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// container is the one that is replayed: its aggregate outlives its pods, as under a VPA object.
type container struct {
	size        Size
	manifest    Size
	memory      bool
	aggregate   *model.AggregateContainerState
	state       *model.ContainerState
	recommender logic.PodResourceRecommender
	pod         corev1.Pod
}

// replay is every minute: the sample of what it used, the recommendation, the updater's question.
// A new size is in force from the next minute on; eviction and start cost nothing.
func replay(c Case) []Size {
	one := started(c)
	sizes := []Size{c.Size}
	for minute, wanted := range c.CPU {
		now := began.Add(time.Duration(minute+1) * time.Minute)
		one.sample(model.ResourceCPU, min(wanted, one.size.Limit), now)
		if one.memory {
			one.remember(c.Memory[minute], now)
		}
		if recommendation := one.recommended(); one.due(recommendation, now) {
			one.resize(recommendation, minute+1, now)
			sizes = append(sizes, one.size)
		}
	}
	return sizes
}

func started(c Case) *container {
	one := &container{size: c.Size, manifest: c.Size, memory: len(c.Memory) > 0}
	one.aggregate = model.NewAggregateContainerState()
	controlled := []model.ResourceName{model.ResourceCPU}
	if one.memory {
		controlled = append(controlled, model.ResourceMemory)
	}
	one.aggregate.ControlledResources = &controlled
	d := config.DefaultRecommenderConfig()
	one.recommender = logic.CreatePodResourceRecommender(logic.RecommendationConfig{
		SafetyMarginFraction:       d.SafetyMarginFraction,
		PodMinCPUMillicores:        d.PodMinCPUMillicores,
		PodMinMemoryMb:             d.PodMinMemoryMb,
		TargetCPUPercentile:        d.TargetCPUPercentile,
		LowerBoundCPUPercentile:    d.LowerBoundCPUPercentile,
		UpperBoundCPUPercentile:    d.UpperBoundCPUPercentile,
		ConfidenceIntervalCPU:      d.ConfidenceIntervalCPU,
		TargetMemoryPercentile:     d.TargetMemoryPercentile,
		LowerBoundMemoryPercentile: d.LowerBoundMemoryPercentile,
		UpperBoundMemoryPercentile: d.UpperBoundMemoryPercentile,
		ConfidenceIntervalMemory:   d.ConfidenceIntervalMemory,
	})
	one.create(began)
	return one
}

// create is a new pod with the current size.
func (c *container) create(now time.Time) {
	request := model.Resources{
		model.ResourceCPU:    model.ResourceAmount(c.size.Request),
		model.ResourceMemory: model.ResourceAmount(c.size.MemoryRequest),
	}
	c.state = model.NewContainerState(request, c.aggregate)
	start := metav1.NewTime(now)
	c.pod = corev1.Pod{
		Spec:   corev1.PodSpec{Containers: []corev1.Container{{Name: name, Resources: c.resources()}}},
		Status: corev1.PodStatus{StartTime: &start, ContainerStatuses: []corev1.ContainerStatus{{Name: name}}},
	}
}

func (c *container) resources() corev1.ResourceRequirements {
	requests, limits := corev1.ResourceList{}, corev1.ResourceList{}
	requests[corev1.ResourceCPU] = *resource.NewMilliQuantity(c.size.Request, resource.DecimalSI)
	limits[corev1.ResourceCPU] = *resource.NewMilliQuantity(c.size.Limit, resource.DecimalSI)
	if c.memory {
		requests[corev1.ResourceMemory] = *resource.NewQuantity(c.size.MemoryRequest, resource.BinarySI)
		limits[corev1.ResourceMemory] = *resource.NewQuantity(c.size.MemoryLimit, resource.BinarySI)
	}
	return corev1.ResourceRequirements{Requests: requests, Limits: limits}
}

func (c *container) sample(of model.ResourceName, used int64, now time.Time) {
	c.state.AddSample(&model.ContainerUsageSample{
		MeasureStart: now.Add(-time.Minute), Usage: model.ResourceAmount(used), Resource: of,
	})
}

// remember is a minute of memory: above the limit the container was killed in it, once.
func (c *container) remember(wanted int64, now time.Time) {
	c.sample(model.ResourceMemory, min(wanted, c.size.MemoryLimit), now)
	if wanted <= c.size.MemoryLimit {
		return
	}
	_ = c.state.RecordOOM(now, model.ResourceAmount(c.size.MemoryRequest))
	c.pod.Status.ContainerStatuses[0].LastTerminationState.Terminated = &corev1.ContainerStateTerminated{
		Reason: "OOMKilled", StartedAt: metav1.NewTime(now.Add(-time.Minute)), FinishedAt: metav1.NewTime(now),
	}
}

func (c *container) recommended() *vpa.RecommendedPodResources {
	states := model.ContainerNameToAggregateStateMap{name: c.aggregate}
	format := logic.RecommendationFormat{RoundCPUMillicores: 1, RoundMemoryBytes: 1}
	return logic.MapToListOfRecommendedContainerResources(c.recommender.GetRecommendedPodResources(states), format)
}

// due asks the updater's own rules: out of bounds, a quick kill, or 12 hours old and 10 % off.
func (c *container) due(recommendation *vpa.RecommendedPodResources, now time.Time) bool {
	d := updater.DefaultUpdaterConfig()
	rules := priority.UpdateConfig{
		MinChangePriority:          d.DefaultUpdateThreshold,
		PodLifetimeUpdateThreshold: d.PodLifetimeUpdateThreshold,
		EvictAfterOOMThreshold:     d.EvictAfterOOMThreshold,
	}
	mode := vpa.UpdateModeRecreate
	object := &vpa.VerticalPodAutoscaler{
		Spec:   vpa.VerticalPodAutoscalerSpec{UpdatePolicy: &vpa.PodUpdatePolicy{UpdateMode: &mode}},
		Status: vpa.VerticalPodAutoscalerStatus{Recommendation: recommendation},
	}
	asked := priority.NewUpdatePriorityCalculator(object, rules, stored{}, priority.NewProcessor())
	asked.AddPod(&c.pod, now, nil)
	return len(asked.GetSortedPods(priority.NewDefaultPodEvictionAdmission())) > 0
}

// stored gives the recommendation as it is: no policy, no LimitRange.
type stored struct{}

func (stored) Apply(v *vpa.VerticalPodAutoscaler, _ *corev1.Pod) (*vpa.RecommendedPodResources, util.ContainerToAnnotationsMap, error) {
	return v.Status.Recommendation, nil, nil
}

// resize is what the admission controller does with the replacement: the limit keeps its ratio.
func (c *container) resize(recommendation *vpa.RecommendedPodResources, from int, now time.Time) {
	target := recommendation.ContainerRecommendations[0].Target
	c.size.From, c.size.Request = from, target.Cpu().MilliValue()
	c.size.Limit = c.size.Request * c.manifest.Limit / c.manifest.Request
	if c.memory {
		c.size.MemoryRequest = target.Memory().Value()
		ratio := float64(c.manifest.MemoryLimit) / float64(c.manifest.MemoryRequest)
		c.size.MemoryLimit = int64(float64(c.size.MemoryRequest) * ratio)
	}
	c.create(now)
}
